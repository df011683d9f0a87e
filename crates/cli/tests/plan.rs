//! `boatyard plan` and how the project is found.

mod boatyard;

use std::fmt::Write as _;

use boatyard::Boatyard;

/// A project as a real team writes it.
const GUESTBOOK: &str = include_str!("../../../examples/guestbook/boatyard.toml");

#[test]
fn what_would_be_built_and_run() {
    let boatyard = Boatyard::new();
    boatyard.file("boatyard.toml", GUESTBOOK);
    let said = boatyard.run(["plan"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    insta::assert_snapshot!(said.out);
    assert!(!boatyard.home().exists(), "a plan changes nothing");
}

#[test]
fn the_same_as_data() {
    let boatyard = Boatyard::new();
    boatyard.file("boatyard.toml", GUESTBOOK);
    let first = boatyard.run(["plan", "--json"]);
    assert_eq!((first.code, first.err.as_str()), (0, ""));
    let plan: boatyard_plan::build::BuildPlan = serde_json::from_str(&first.out).unwrap();
    assert_eq!(plan.project, "guestbook");
    let answer: serde_json::Value = serde_json::from_str(&first.out).unwrap();
    let run: boatyard_plan::run::RunPlan = serde_json::from_value(answer["run"].clone()).unwrap();
    assert!(run.processes.iter().any(|process| process.name == "web"));
    assert_eq!(boatyard.run(["plan", "--json"]).out, first.out);
}

#[test]
fn some_services_only() {
    let boatyard = Boatyard::new();
    boatyard.file("boatyard.toml", GUESTBOOK);
    let said = boatyard.run(["plan", "postgres"]);
    assert_eq!(said.code, 0);
    assert!(!said.out.contains("stage app"), "{}", said.out);
    let said = boatyard.run(["plan", "postgers"]);
    assert_eq!(said.code, 2);
    assert_eq!(
        said.err,
        "error: guestbook has no service called \"postgers\"\nhelp: did you mean \"postgres\"?\n"
    );
}

#[test]
fn the_project_is_the_nearest_one_upwards() {
    let boatyard = Boatyard::new();
    boatyard.file("boatyard.toml", GUESTBOOK);
    boatyard.file("a/b/file", "");
    let mut command = boatyard.command(["plan"]);
    let said = boatyard.said(command.current_dir(boatyard.project().join("a/b")));
    assert_eq!((said.code, said.err.as_str()), (0, ""));
}

#[test]
fn a_folder_can_be_named() {
    let boatyard = Boatyard::new();
    boatyard.file("app/boatyard.toml", "[project]\nname = 1\n");
    let said = boatyard.run(["-C", "app", "plan"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("--> app/boatyard.toml:2:8"),
        "{}",
        said.err
    );
}

#[test]
fn no_project() {
    let boatyard = Boatyard::new();
    boatyard.file("boatyard.toml", GUESTBOOK);
    boatyard.file("app/file", "");
    let root = std::path::Path::new("/");
    let mut text = String::new();
    for (words, folder) in [
        (vec!["plan"], root.to_owned()),
        (vec!["-C", "app", "plan"], boatyard.project()),
        (vec!["-C", "nowhere", "plan"], boatyard.project()),
    ] {
        let said = boatyard.said(boatyard.command(&words).current_dir(folder));
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{words:?}");
        writeln!(text, "$ boatyard {}\n{}", words.join(" "), said.err).unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let boatyard = Boatyard::new();
    boatyard.file("boatyard.toml", GUESTBOOK);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = boatyard.command(["plan"]);
    let output = command.stdout(writer).stderr(std::process::Stdio::piped());
    let output = output.spawn().unwrap().wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}
