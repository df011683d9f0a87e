//! Contexts that mean harm: nothing outside of them is read or written. And names that are no text.

mod support;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use proptest::prelude::*;
use support::{boatyard, new_home, project, succeed, text};

const SECRET: &str = "RUN words of somebody else";

/// A context as a shell makes it in an empty folder with `$OUT` outside of it, the exit code of the build, and what it says.
const CASES: [(&str, &str, i32, &str); 11] = [
    (
        "the Dockerfile is a link out, from the root",
        "ln -s $OUT/secret Dockerfile",
        2,
        "cannot read the Dockerfile",
    ),
    (
        "the Dockerfile is a link out, by dots",
        "ln -s ../../../../../../../../../../$OUT/secret Dockerfile",
        2,
        "cannot read the Dockerfile",
    ),
    (
        "a link that stays within is followed",
        "mkdir d; echo FROM scratch > d/file; ln -s /d/file Dockerfile",
        0,
        "",
    ),
    (
        "the Dockerfile is a pipe",
        "mkfifo Dockerfile",
        2,
        "it is not a regular file",
    ),
    (
        ".dockerignore is a link out",
        "printf 'FROM scratch\\nCOPY a /\\n' > Dockerfile; touch a; ln -s $OUT/patterns .dockerignore",
        0,
        "",
    ),
    (
        ".dockerignore is a pipe",
        "printf 'FROM scratch\\nCOPY a /\\n' > Dockerfile; touch a; mkfifo .dockerignore",
        0,
        "",
    ),
    (
        "a source is a link out",
        "printf 'FROM scratch\\nCOPY a /\\n' > Dockerfile; ln -s $OUT/secret a",
        2,
        "where nothing is",
    ),
    (
        "a source is behind a link out",
        "printf 'FROM scratch\\nCOPY d/secret /\\n' > Dockerfile; ln -s $OUT d",
        2,
        "where nothing is",
    ),
    (
        "a bound folder is a link out",
        "printf 'FROM scratch\\nCOPY Dockerfile /\\nRUN --mount=type=bind,source=d,target=/m [\"/m/x\"]\\n' > Dockerfile; ln -s $OUT d",
        2,
        "there is no d in the context",
    ),
    (
        "a bomb: a terabyte that is nothing but a hole",
        "echo FROM scratch > Dockerfile; truncate -s 1T bomb; tar -cSf - .; exit",
        3,
        "made to fill disks",
    ),
    (
        "the other names of a file are one",
        "printf 'FROM scratch\\nCOPY . /\\n' > Dockerfile; echo a > a; ln a b",
        0,
        "",
    ),
];

#[test]
fn nothing_outside_is_read_or_written() {
    let home = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret"), SECRET).unwrap();
    // Would leave out what the case copies.
    std::fs::write(outside.path().join("patterns"), "*\n").unwrap();
    for (name, script, code, message) in CASES {
        let archive = packed(script, outside.path());
        let said = build(home.path(), outside.path(), &archive);
        let errors = text(&said.stderr);
        assert_eq!(said.status.code(), Some(code), "{name}: {errors}");
        assert!(errors.contains(message), "{name}: {errors}");
        assert!(!errors.contains("somebody else"), "{name}: {errors}");
        let mut names: Vec<_> = std::fs::read_dir(outside.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["patterns", "secret"], "{name}");
        assert_eq!(left(home.path()), 0, "{name}");
    }
}

/// Files of every kind in two of tar's formats. Last comes the Dockerfile, whose words stay as they are.
const SOUND: &str = "mkdir d; echo one > d/one; ln -s one d/link; ln d/one two; mkfifo p; head -c 3000 /dev/zero > zeros; \
    echo > $(head -c 120 /dev/zero | tr '\\0' n); printf 'FROM scratch\nCOPY . /x\n' > Dockerfile; \
    tar --format=FORMAT -cf - d two p zeros n* Dockerfile; exit";

/// How many archives are bent; `PROPTEST_CASES=10000` for a night.
fn bent_archives() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok();
    ProptestConfig {
        cases: cases.and_then(|text| text.parse().ok()).unwrap_or(24),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(bent_archives())]

    #[test]
    fn bent_archives_are_refused_or_built(
        format in prop::sample::select(vec!["gnu", "pax"]),
        packing in 0..3,
        changes in prop::collection::vec((any::<u16>(), any::<u8>()), 0..8),
        cut in any::<u16>(),
    ) {
        static PLACE: OnceLock<[tempfile::TempDir; 2]> = OnceLock::new();
        let [home, outside] = PLACE.get_or_init(|| [(); 2].map(|()| tempfile::tempdir().unwrap()));
        let script = SOUND.replace("FORMAT", format);
        let mut archive = packed(&script, outside.path());
        let place = |part: u16, length: usize| length * usize::from(part) / 65_536;
        let dockerfile = b"FROM scratch";
        let words = archive.windows(dockerfile.len()).position(|bytes| bytes == dockerfile);
        let before = words.unwrap_or(archive.len());
        for (part, byte) in changes {
            archive[place(part, before)] = byte;
        }
        let mut archive = match packing {
            0 => archive,
            1 => zstd::encode_all(archive.as_slice(), 1).unwrap(),
            _ => gzip(&archive),
        };
        // Most of the time everything stays.
        if cut < 8_192 {
            archive.truncate(place(cut * 8, archive.len()));
        }
        let said = build(home.path(), outside.path(), &archive);
        let errors = text(&said.stderr);
        prop_assert!(matches!(said.status.code(), Some(0..=3)), "{:?}: {errors}", said.status);
        prop_assert!(said.status.success() || errors.contains("error: "), "{errors}");
        prop_assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
        prop_assert_eq!(left(home.path()), 0);
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// How much work in progress is left in a home.
fn left(home: &Path) -> usize {
    std::fs::read_dir(home.join("tmp")).map_or(0, Iterator::count)
}

fn packed(script: &str, outside: &Path) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("sh")
        .args(["-ec", &format!("{script}; tar -cf - .")])
        .current_dir(folder.path())
        .env("OUT", outside)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    output.stdout
}

fn build(home: &Path, folder: &Path, archive: &[u8]) -> Output {
    let mut child = boatyard(home, folder)
        .args(["build", "-q", "-t", "hostile", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It need not read what it refuses to the end.
    let _ = child.stdin.take().unwrap().write_all(archive);
    child.wait_with_output().unwrap()
}

#[test]
fn names_of_any_bytes() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let home = new_home();
    let folder = project(
        "[project]\nname = \"bytes\"\n\n[image]\nbase = \"scratch\"\n\n[service.app]\ncopy = [\"files\"]\n\
         roles = [\"web\"]\n\n[role.web]\ncommand = \"/a\"\n",
        &[("files/plain", "a")],
    );
    let strange = OsStr::from_bytes(b"x\xff\xfey");
    let files = folder.path().join("files");
    std::fs::create_dir(files.join(strange)).unwrap();
    std::fs::write(files.join(strange).join(strange), "content").unwrap();
    std::os::unix::fs::symlink(strange, files.join("link")).unwrap();
    let build = |words: &[&str]| {
        let mut command = boatyard(home.path(), folder.path());
        succeed(command.arg("build").args(words))
    };
    assert_eq!(build(&["-q"]), build(&["-q"]));
    // Another name is another layer.
    let first = build(&["-q", "--json"]);
    std::fs::rename(files.join("plain"), files.join(OsStr::from_bytes(b"\xff"))).unwrap();
    assert_ne!(first, build(&["-q", "--json"]));
    // The same from a Dockerfile, written into a folder.
    std::fs::write(
        folder.path().join("Dockerfile"),
        "FROM bytes/app\nCOPY files /more\n",
    )
    .unwrap();
    build(&["-q", "-f", "Dockerfile", "-o", "out", "."]);
    let out = folder.path().join("out");
    for below in ["app/files", "more"] {
        let path = out.join(below).join(strange).join(strange);
        assert_eq!(
            std::fs::read(&path).unwrap(),
            b"content",
            "{}",
            path.display()
        );
        let link = std::fs::read_link(out.join(below).join("link")).unwrap();
        assert_eq!(link.as_os_str(), strange);
    }
}
