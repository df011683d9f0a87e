//! A root for sandboxes, made of this machine's own small programs.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the cases call.
const PROGRAMS: &[&str] = &[
    "sh", "cat", "chown", "env", "grep", "hostname", "id", "ls", "mount", "readlink", "rm",
    "sleep", "stat", "touch", "true", "unshare", "wc",
];

/// Fills a folder with what a small image has: programs and their libraries, links, users.
pub fn build(root: &Path) {
    for folder in [
        "usr/bin",
        "usr/lib",
        "usr/lib64",
        "etc",
        "proc",
        "sys",
        "dev",
        "tmp",
    ] {
        fs::create_dir_all(root.join(folder)).expect("a folder of the root");
    }
    for name in ["bin", "lib", "lib64"] {
        symlink(Path::new("usr").join(name), root.join(name)).expect("a link of the root");
    }
    for program in PROGRAMS {
        let found = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(program));
        let found = found
            .iter()
            .find(|path| path.exists())
            .unwrap_or_else(|| panic!("{program} is installed"));
        copy(found, &root.join("usr/bin").join(program));
        for library in libraries(found) {
            copy(
                &library,
                &root.join(
                    library
                        .strip_prefix("/")
                        .expect("ldd prints absolute paths"),
                ),
            );
        }
    }
    fs::write(
        root.join("etc/passwd"),
        "root:x:0:0::/:/bin/sh\nada:x:1000:1000::/:/bin/sh\n",
    )
    .expect("passwd");
}

fn copy(from: &Path, to: &Path) {
    if !to.exists() {
        fs::create_dir_all(to.parent().expect("a file is in a folder"))
            .expect("a folder of the root");
        fs::copy(from, to).unwrap_or_else(|error| panic!("copy {}: {error}", from.display()));
    }
}

fn libraries(program: &Path) -> Vec<PathBuf> {
    let output = Command::new("ldd").arg(program).output().expect("ldd runs");
    let text = String::from_utf8(output.stdout).expect("ldd prints text");
    text.split_whitespace()
        .filter(|word| word.starts_with('/'))
        .map(PathBuf::from)
        .collect()
}
