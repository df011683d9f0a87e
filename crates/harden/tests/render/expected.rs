//! The examples, rendered as a whole.

#![expect(clippy::disallowed_methods, reason = "what is expected is in files")]

use std::fmt::Write as _;
use std::path::Path;

use boatyard_harden::render::Rendered;
use boatyard_harden::render::k8s::{Form, Options, Platform, render};
use boatyard_plan::project::{self, Project};

/// Every example.
pub const EXAMPLES: [(&str, &str); 2] = [
    (
        "guestbook",
        include_str!("../../../../examples/guestbook/boatyard.toml"),
    ),
    (
        "django-release",
        include_str!("../../../../examples/django-release/boatyard.toml"),
    ),
];

/// A project that says all that can be said about clusters.
pub const FULL: &str = include_str!("full.toml");

pub fn parsed(text: &str) -> Project {
    project::parse(text).unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{text}"))
}

pub fn options() -> Options {
    Options {
        tag: "k8s-1a2b3c4".to_owned(),
        ..Options::default()
    }
}

/// All files, each below its name, then the notes.
fn told(rendered: &Rendered) -> String {
    let mut text = String::new();
    for file in &rendered.files {
        let _ = write!(text, "=== {}\n{}", file.path, file.text);
    }
    for note in &rendered.notes {
        let _ = writeln!(text, "note: {}", note.message);
        if let Some(help) = &note.help {
            let _ = writeln!(text, "help: {help}");
        }
    }
    text
}

#[test]
fn whole_outputs() {
    let host = Options {
        host: Some("guestbook.example.com".to_owned()),
        ..options()
    };
    let form = |form| Options { form, ..options() };
    for (name, text, options) in [
        ("guestbook", EXAMPLES[0].1, host),
        ("django-release", EXAMPLES[1].1, options()),
        ("full", FULL, options()),
        ("full-kustomize", FULL, form(Form::Kustomize)),
        ("full-helm", FULL, form(Form::Helm)),
        (
            "full-openshift",
            FULL,
            Options {
                platform: Platform::Openshift,
                ..options()
            },
        ),
    ] {
        let project = parsed(text);
        let rendered = render(&project, &options);
        assert_eq!(
            rendered,
            render(&project, &options),
            "same input, same bytes"
        );
        compare(name, &told(&rendered));
    }
}

fn compare(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/render/expected")
        .join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, found).expect("the folder of what is expected can be written");
        return;
    }
    let expected = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let differs = expected.lines().zip(found.lines()).find(|(a, b)| a != b);
    assert!(
        expected == found,
        "{} differs, first at {differs:?}; UPDATE_EXPECTED=1 writes it anew",
        path.display()
    );
}
