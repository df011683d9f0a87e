//! The same events through the views for logs, with a clock made of numbers: one event each tenth of a second.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use boatyard_plan::event::Event;
use boatyard_plan::run::RunPlan;

use super::log::Roster;
use super::origin::{Origin, Origins};
use super::plain::Plain;
use super::quiet::Quiet;
use super::view::{Streams, View};
use crate::args::Progress;
use crate::colour::Paint;
use crate::voice::Voice;

const DONE: &str = include_str!("events/done.jsonl");
const FAILED: &str = include_str!("events/failed.jsonl");

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Page {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn voice(color: bool, verbose: bool) -> Voice {
    Voice {
        json: false,
        out: Paint { on: color },
        err: Paint { on: color },
        progress: Progress::Plain,
        verbose,
        unicode: true,
    }
}

fn roster() -> Roster {
    let plan = serde_json::json!({ "project": "guestbook", "hosts": [], "processes": [] });
    let mut plan: RunPlan = serde_json::from_value(plan).unwrap();
    let process = serde_json::json!({
        "name": "migrate", "kind": "job", "image": "app:latest", "args": [], "env": {}, "port": null,
        "publish": false, "ready": null, "stop": { "signal": "TERM", "grace_secs": 30 }, "after": [], "volumes": {},
    });
    plan.processes
        .push(serde_json::from_value(process).unwrap());
    Roster::of(&plan)
}

fn origins() -> Origins {
    let origin = Origin {
        why: "the application's Python dependencies".to_owned(),
        place: Some((
            "boatyard.toml:10".to_owned(),
            "requirements = \"requirements.txt\"".to_owned(),
        )),
    };
    Origins::from([("runner/1".to_owned(), origin)])
}

fn shown(events: &str, mut view: impl View) -> String {
    let (out, err) = (Page::default(), Page::default());
    let mut streams = Streams {
        out: Box::new(out.clone()),
        err: Box::new(err.clone()),
    };
    let mut now = Duration::ZERO;
    for line in events.lines() {
        let event: Event = serde_json::from_str(line).unwrap();
        view.event(&event, now, &mut streams).unwrap();
        now += Duration::from_millis(100);
    }
    view.end(now, &mut streams).unwrap();
    format!(
        "--- standard output\n{}--- standard error\n{}",
        out.text(),
        err.text()
    )
}

#[test]
fn plain() {
    let view = Plain::new(&voice(false, false), roster(), origins());
    insta::assert_snapshot!(shown(DONE, view));
}

#[test]
fn plain_failed() {
    let view = Plain::new(&voice(false, false), roster(), origins());
    insta::assert_snapshot!(shown(FAILED, view));
}

#[test]
fn plain_verbose_says_why() {
    let view = Plain::new(&voice(false, true), roster(), origins());
    let text = shown(DONE, view);
    assert!(
        text.contains("(the application's Python dependencies)"),
        "{text}"
    );
}

#[test]
fn plain_in_colour_says_the_same() {
    let coloured = shown(DONE, Plain::new(&voice(true, false), roster(), origins()));
    let plain = shown(DONE, Plain::new(&voice(false, false), roster(), origins()));
    let clean = |line: &str| super::clean::clean(line, super::clean::Keep::Text);
    let cleaned: Vec<String> = coloured.lines().map(clean).collect();
    assert_eq!(cleaned.join("\n"), plain.trim_end());
    assert_ne!(coloured, plain);
}

#[test]
fn plain_tells_what_takes_its_time() {
    let mut view = Plain::new(&voice(false, false), roster(), origins());
    let err = Page::default();
    let mut streams = Streams {
        out: Box::new(io::sink()),
        err: Box::new(err.clone()),
    };
    let started = Event::Started {
        id: "base/1".to_owned(),
        parent: None,
        title: "install python3".to_owned(),
    };
    view.event(&started, Duration::ZERO, &mut streams).unwrap();
    assert!(view.is_moving() && err.text().is_empty());
    view.draw(Duration::from_millis(84), &mut streams).unwrap();
    assert_eq!(err.text(), "     0.0s base/1             install python3\n");
    assert!(!view.is_moving());
}

#[test]
fn quiet() {
    let view = Quiet::new(&voice(false, false), roster(), origins());
    insta::assert_snapshot!(shown(DONE, view));
}

#[test]
fn quiet_failed() {
    let view = Quiet::new(&voice(false, false), roster(), origins());
    insta::assert_snapshot!(shown(FAILED, view));
}
