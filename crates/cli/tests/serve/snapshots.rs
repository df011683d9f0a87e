//! Snapshots of an environment that runs, by the verbs that people type.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::server::Address;
use crate::support::{boatyard, fail, succeed};

/// A file beside what a server of the environment writes.
const FILE: &str = "/var/lib/boatyard/data/written-later";

/// `main` has an entry that says "of main". `inside` has a program started where its redis runs, in a project that is in that folder.
pub fn kept_and_gone_back_to(
    home: &Path,
    main: &Address,
    inside: impl Fn(&str, &Path, &[&str]) -> Command,
) {
    let label = main.label();
    let preview = |verb: &str, rest: &[&str]| {
        let mut command = boatyard(home, home);
        command.args(["preview", verb, label]).args(rest);
        command
    };
    let told = |verb: &str, rest: &[&str]| -> Value {
        let text = succeed(preview(verb, rest).arg("--json"));
        serde_json::from_str(&text).unwrap()
    };
    let made = succeed(&mut preview("snapshot", &["--name", "before"]));
    assert!(made.starts_with("made the snapshot before: "), "{made}");
    let listed = told("snapshots", &[]);
    assert_eq!(listed[0]["name"], "before", "{listed}");
    assert!(
        listed[0]["size_bytes"].as_u64() > Some(1_000_000),
        "{listed}"
    );
    fail(&mut preview("snapshot", &["--name", "before"]), 2);

    // It runs again, with what it had; what is written from now on goes.
    assert_eq!(main.post("name=Eve&message=of+later"), 303);
    assert!(main.get("/api/entries").1.contains("of later"));
    let one = told("show", &[]);
    let id = one["id"].as_str().unwrap();
    let source = home.join("serve/environment").join(id).join("source");
    let inside = |words: &[&str]| inside(id, &source, words);
    succeed(&mut inside(&["touch", FILE]));
    let told = succeed(&mut preview("restore", &["before"]));
    assert_eq!(told, "its data is that of the snapshot before\n");
    let (status, entries) = main.get("/api/entries");
    assert_eq!(status, 200, "{entries}");
    assert!(
        entries.contains("of main") && !entries.contains("of later"),
        "{entries}"
    );
    fail(&mut inside(&["test", "-e", FILE]), 1);

    succeed(&mut preview("discard", &["before"]));
    fail(&mut preview("restore", &["before"]), 2);
    let listed = succeed(&mut preview("snapshots", &[]));
    assert_eq!(listed, "no snapshot\n");
}
