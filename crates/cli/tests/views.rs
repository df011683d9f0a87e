//! How events are shown: the same events through every view, by `boatyard replay`.

mod boatyard;

use std::fs::File;

use boatyard::{Boatyard, Said};

/// What a build and a run tell: one JSON event per line.
const EVENTS: &str = include_str!("../src/progress/events/done.jsonl");

fn replayed(events: &str, words: &[&str]) -> Said {
    let boatyard = Boatyard::new();
    boatyard.file("events.jsonl", events);
    let mut command = boatyard.command(["replay"]);
    let file = File::open(boatyard.project().join("events.jsonl")).unwrap();
    boatyard.said(command.args(words).stdin(file))
}

#[test]
fn a_pipe_gets_lines() {
    let said = replayed(EVENTS, &[]);
    assert_eq!(said.code, 0);
    assert!(
        said.err.contains("base/1             | Setting up libc6\n"),
        "{}",
        said.err
    );
    assert!(
        said.out
            .ends_with("web     | GET / 200\nweb     | ended by signal 15 (TERM)\n"),
        "{}",
        said.out
    );
    assert!(!said.err.contains('\u{1b}') && !said.out.contains('\u{1b}'));
}

#[test]
fn a_tree_that_is_forced_into_a_pipe_ends_as_a_whole() {
    let said = replayed(EVENTS, &["--progress=tree"]);
    let last = said.err.rsplit("\u{1b}[J").next().unwrap();
    insta::assert_snapshot!(last);
}

#[test]
fn json_is_what_the_engine_said() {
    let said = replayed(EVENTS, &["--json"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert_eq!(said.out, EVENTS);
}

#[test]
fn a_line_that_is_no_event() {
    let said = replayed("{\"event\":\"up\",\"processes\":1}\nhello\n", &["--quiet"]);
    assert_eq!(said.code, 2);
    insta::assert_snapshot!(said.err);
}

#[test]
fn a_reader_that_goes_away_ends_the_view_and_not_the_work() {
    let boatyard = Boatyard::new();
    boatyard.file("events.jsonl", EVENTS);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let file = File::open(boatyard.project().join("events.jsonl")).unwrap();
    let mut command = boatyard.command(["replay", "--json"]);
    let status = command.stdin(file).stdout(writer).status().unwrap();
    assert_eq!(status.code(), Some(0));
}
