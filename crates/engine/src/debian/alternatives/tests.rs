use std::path::Path;

use super::{calls, choose, known, read, written};

const SCRIPT: &str = "\
#!/bin/sh
set -e
if [ \"$1\" = configure ]; then
  update-alternatives --install /usr/bin/awk awk /usr/bin/mawk 5 \\
  --slave /usr/bin/nawk nawk /usr/bin/nawk-of-mawk
  update-alternatives --install /usr/bin/x$1 x /usr/bin/y 5
  update-alternatives --remove awk /usr/bin/gone
fi
";

fn root() -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(root.path().join("usr/bin")).expect("made");
    for name in ["mawk", "gawk", "nawk-of-mawk"] {
        std::fs::write(root.path().join("usr/bin").join(name), name).expect("written");
    }
    root
}

fn leads(root: &Path, path: &str) -> String {
    let target = std::fs::read_link(root.join(path));
    target.map_or_else(
        |error| error.kind().to_string(),
        |target| target.display().to_string(),
    )
}

#[test]
fn calls_without_variables() {
    let found = calls(SCRIPT);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].path.as_str(), found[0].priority),
        ("/usr/bin/mawk", 5)
    );
    assert_eq!(found[0].slaves.len(), 1);
    for wrong in [
        "update-alternatives --install /a b /../c 1",
        "update-alternatives --install /a b /c d",
        "update-alternatives --install /a b/c /d 1",
        "update-alternatives --config a",
        "update-alternatives --install /a b /c 1 --slave d e /f",
        "update-alternatives --install /a b /c 1 && adduser x",
        "echo update-alternatives",
    ] {
        assert_eq!(calls(wrong), [], "{wrong}");
    }
}

#[test]
fn the_highest_priority_has_the_name() {
    let root = root();
    let root = root.path();
    choose(root, calls(SCRIPT)).expect("written");
    assert_eq!(leads(root, "usr/bin/awk"), "/etc/alternatives/awk");
    assert_eq!(leads(root, "etc/alternatives/awk"), "/usr/bin/mawk");
    assert_eq!(
        leads(root, "etc/alternatives/nawk"),
        "/usr/bin/nawk-of-mawk"
    );
    // What comes later counts with what is known; what is not there does not.
    let later = "update-alternatives --install /usr/bin/awk awk /usr/bin/missing 90\n\
                 update-alternatives --install /usr/bin/awk awk /usr/bin/gawk 10\n";
    choose(root, calls(later)).expect("written");
    assert_eq!(leads(root, "etc/alternatives/awk"), "/usr/bin/gawk");
    let lower = "update-alternatives --install /usr/bin/awk awk /usr/bin/mawk 1\n";
    choose(root, calls(lower)).expect("written");
    assert_eq!(leads(root, "etc/alternatives/awk"), "/usr/bin/gawk");
    let found = known(root, "awk").expect("read");
    assert_eq!(found.len(), 2);
    assert_eq!(read("awk", &written(&found)), Some(found));
}

#[test]
fn nothing_is_written_outside() {
    let (root, outside) = (root(), tempfile::tempdir().expect("a folder"));
    for link in ["opt", "etc"] {
        std::os::unix::fs::symlink(outside.path(), root.path().join(link)).expect("made");
    }
    let script = "update-alternatives --install /opt/job job /usr/bin/mawk 1\n\
                  update-alternatives --install /usr/bin/job job2 /usr/bin/mawk 1\n";
    choose(root.path(), calls(script)).expect("written");
    let found = std::fs::read_dir(outside.path()).expect("there").count();
    assert_eq!(found, 0, "files outside of the root");
}

#[test]
fn a_file_keeps_its_place() {
    let root = root();
    let script = "update-alternatives --install /usr/bin/gawk g /usr/bin/mawk 1\n";
    choose(root.path(), calls(script)).expect("written");
    assert_eq!(
        std::fs::read(root.path().join("usr/bin/gawk")).expect("there"),
        b"gawk"
    );
}
