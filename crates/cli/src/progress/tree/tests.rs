//! Scripted events, a fixed clock, a terminal that exists only in memory.

use std::io::{self, Write};
use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use boatyard_plan::event::{Event, Level, Outcome, Stream, Unit};

use super::Tree;
use crate::args::Progress;
use crate::colour::Paint;
use crate::progress::log::Roster;
use crate::progress::origin::{Origin, Origins};
use crate::progress::terminal::Size;
use crate::progress::view::{Streams, View as _};
use crate::voice::Voice;

/// A terminal in memory; both streams write to it, as on a real one.
#[derive(Clone)]
struct Terminal {
    emulator: Arc<Mutex<vt100::Parser>>,
    size: Arc<Mutex<Size>>,
}

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // The line discipline of a terminal turns a line feed into carriage return and line feed (termios ONLCR).
        let text = String::from_utf8_lossy(bytes).replace('\n', "\r\n");
        self.emulator.lock().unwrap().process(text.as_bytes());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Show {
    terminal: Terminal,
    streams: Streams,
    tree: Tree,
}

impl Show {
    fn new(width: usize, height: usize) -> Self {
        let size = Arc::new(Mutex::new(Size { width, height }));
        let cells = |count| NonZero::new(u16::try_from(count).unwrap()).unwrap();
        let (rows, columns) = (cells(height), cells(width));
        let terminal = Terminal {
            emulator: Arc::new(Mutex::new(vt100::Parser::new(rows, columns, 1000))),
            size: Arc::clone(&size),
        };
        let voice = Voice {
            json: false,
            out: Paint { on: false },
            err: Paint { on: true },
            progress: Progress::Tree,
            verbose: false,
            unicode: true,
        };
        let origin = Origin {
            why: "the application's Python dependencies".to_owned(),
            place: Some((
                "boatyard.toml:6".to_owned(),
                "requirements = \"requirements.txt\"".to_owned(),
            )),
        };
        let origins = Origins::from([("runner/1".to_owned(), origin)]);
        let roster = Roster::new(["web".to_owned(), "worker".to_owned()]);
        Self {
            streams: Streams {
                out: Box::new(terminal.clone()),
                err: Box::new(terminal.clone()),
            },
            tree: Tree::new(&voice, roster, origins, move || *size.lock().unwrap()),
            terminal,
        }
    }

    /// Sends events at a time, then draws.
    fn at(&mut self, millis: u64, events: impl IntoIterator<Item = Event>) -> &mut Self {
        let now = Duration::from_millis(millis);
        for event in events {
            self.tree.event(&event, now, &mut self.streams).unwrap();
        }
        self.tree.draw(now, &mut self.streams).unwrap();
        self
    }

    fn end(&mut self, millis: u64) -> &mut Self {
        let now = Duration::from_millis(millis);
        self.tree.end(now, &mut self.streams).unwrap();
        self
    }

    /// What stands on the terminal, without the empty rows below.
    fn picture(&self) -> String {
        let emulator = self.terminal.emulator.lock().unwrap();
        let contents = emulator.screen().contents();
        let rows = contents.lines().map(str::trim_end);
        rows.collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }
}

fn started(id: &str, parent: &str, title: &str) -> Event {
    Event::Started {
        id: id.to_owned(),
        parent: Some(parent.to_owned()).filter(|parent| !parent.is_empty()),
        title: title.to_owned(),
    }
}

fn finished(id: &str, outcome: Outcome, millis: u64, size_bytes: Option<u64>) -> Event {
    Event::Finished {
        id: id.to_owned(),
        outcome,
        millis,
        size_bytes,
    }
}

fn progress(id: &str, done: u64, total: u64, unit: Unit, note: &str) -> Event {
    Event::Progress {
        id: id.to_owned(),
        done,
        total: Some(total),
        unit,
        note: note.to_owned(),
    }
}

fn output(id: &str, line: &str) -> Event {
    Event::Output {
        id: id.to_owned(),
        line: line.to_owned(),
    }
}

fn log(process: &str, line: &str) -> Event {
    Event::Log {
        process: process.to_owned(),
        stream: Stream::Out,
        line: line.to_owned(),
    }
}

/// A build half way: the base is done, Python dependencies are coming.
fn half_way() -> Vec<Event> {
    let mut events = vec![
        started("base", "", "base: debian:bookworm"),
        started("base/1", "base", "packages python3, libpq5"),
        finished("base/1", Outcome::Done, 8123, Some(118_300_000)),
        finished("base", Outcome::Done, 8200, None),
        started("compiler", "", "compiler"),
        finished("compiler", Outcome::Skipped, 0, None),
        started("runner", "", "runner"),
        started("runner/1", "runner", "python requirements.txt"),
        progress("runner/1", 14, 37, Unit::Packages, "flask"),
    ];
    for number in 1..=6 {
        events.push(output(
            "runner/1",
            &format!("\u{1b}[2JDownloading {number}"),
        ));
    }
    events
}

#[test]
fn a_build_half_way() {
    let mut show = Show::new(80, 24);
    show.at(0, half_way()).at(2900, []);
    insta::assert_snapshot!(show.picture());
}

#[test]
fn a_narrow_terminal_keeps_titles_and_times() {
    let mut show = Show::new(34, 24);
    show.at(0, half_way()).at(2900, []);
    insta::assert_snapshot!(show.picture());
}

#[test]
fn a_low_terminal_keeps_what_is_alive() {
    for height in 1..=12 {
        let mut show = Show::new(80, height);
        show.at(0, half_way()).at(2900, []).at(2990, []);
        let picture = show.picture();
        assert!(
            picture.lines().count() < height.max(2),
            "{height}:\n{picture}"
        );
        assert_eq!(
            picture.contains("python requirements.txt"),
            height > 2,
            "{height}:\n{picture}"
        );
    }
}

#[test]
fn a_terminal_that_becomes_narrower_leaves_no_traces() {
    let mut show = Show::new(80, 24);
    show.at(0, half_way());
    *show.terminal.size.lock().unwrap() = Size {
        width: 60,
        height: 24,
    };
    show.terminal
        .emulator
        .lock()
        .unwrap()
        .screen_mut()
        .set_size(NonZero::new(24).unwrap(), NonZero::new(60).unwrap());
    show.at(100, []).at(200, []).end(300);
    // This emulator cuts lines where others wrap them, so that the cursor goes up too far, never too little.
    let picture = show.picture();
    assert_eq!(picture.matches("base: debian").count(), 1, "{picture}");
    assert!(picture.lines().all(|line| line.chars().count() < 60));
}

#[test]
fn the_final_tree_stands_once_below_the_notices() {
    let mut show = Show::new(80, 24);
    show.at(0, half_way());
    let warning = Event::Notice {
        level: Level::Warning,
        message: "overlay is not permitted here: snapshots are copied".to_owned(),
        help: Some("run \"boatyard doctor\"".to_owned()),
    };
    show.at(1000, [warning]);
    show.at(
        3000,
        [
            finished("runner/1", Outcome::Done, 3000, Some(54_000_000)),
            started("runner/2", "runner", "user appuser"),
            finished("runner/2", Outcome::Cached, 0, None),
            finished("runner", Outcome::Done, 3010, Some(54_000_000)),
        ],
    );
    show.end(3100);
    insta::assert_snapshot!(show.picture());
}

#[test]
fn a_failed_step_tells_its_last_lines_who_asked_and_what_to_do() {
    let mut show = Show::new(80, 24);
    show.at(0, half_way());
    show.at(
        3000,
        [
            output("runner/1", "error: no solution found"),
            finished("runner/1", Outcome::Failed, 3000, None),
            finished("runner", Outcome::Failed, 3010, None),
        ],
    );
    show.end(3100);
    insta::assert_snapshot!(show.picture());
}

#[test]
fn lines_of_processes_come_below_what_was_built() {
    let mut show = Show::new(80, 24);
    show.at(
        0,
        [
            started("base", "", "base: debian:bookworm"),
            finished("base", Outcome::Cached, 0, Some(118_300_000)),
            started("up/web", "", "start web"),
            log("web", "Listening at: http://0.0.0.0:8080"),
        ],
    );
    show.at(
        400,
        [
            Event::Ready {
                process: "web".to_owned(),
                url: Some("http://127.0.0.1:8080".to_owned()),
                millis: 400,
            },
            finished("up/web", Outcome::Done, 400, None),
            started("up/worker", "", "start worker"),
            log("web", "GET / 200"),
        ],
    );
    insta::assert_snapshot!(show.picture());
}

#[test]
fn an_engine_that_contradicts_itself_does_not_hang_the_tree() {
    let mut show = Show::new(80, 24);
    show.at(
        0,
        [
            finished("never-begun", Outcome::Done, 10, None),
            output("out-of-nowhere", "a line"),
            started("a", "a", "its own parent"),
            started("b", "a", "part of a"),
            started("a", "b", "part of its part"),
        ],
    );
    show.end(100);
    insta::assert_snapshot!(show.picture());
}
