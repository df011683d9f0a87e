//! What an environment printed.

use std::borrow::Cow;
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::time::Duration;

use boatyard_serve::logs::{coloured, plain};
use serde::Deserialize;
use serde_json::Value;

use super::api::Api;
use super::failure::PreviewError;
use super::one::path;
use crate::answer;
use crate::args::preview::Logs;
use crate::colour::{Paint, WARNING};
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Before a stream that ended is asked for again.
const AGAIN: Duration = Duration::from_secs(1);

#[derive(Deserialize)]
struct Piece {
    next: u64,
    end: u64,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    at: String,
    text: String,
}

impl Piece {
    /// As the server has said it: programs get it so.
    fn of(api: &Api, said: Value) -> Result<Self, PreviewError> {
        serde_json::from_value(said).map_err(|error| api.strange(error))
    }
}

/// Shows a log; follows it if that is said.
pub fn logs(api: &Api, words: &Logs, voice: &Voice) -> Result<(), Stopped> {
    let path = format!("{}/log", path(&words.one));
    let part = if words.prepare { "prepare" } else { "run" };
    let mut from = 0;
    loop {
        let position = from.to_string();
        let piece = api.get(&path, &[("part", part), ("from", &position)])?;
        let piece = Piece::of(api, piece)?;
        print(&piece, voice)?;
        let is_over = piece.next >= piece.end || piece.next == from;
        from = piece.next;
        if is_over {
            break;
        }
    }
    if !words.follow {
        if from == 0 {
            say_nothing(words, voice);
        }
        return Ok(());
    }
    follow(api, &path, part, from, voice)
}

fn follow(api: &Api, path: &str, part: &str, from: u64, voice: &Voice) -> Result<(), Stopped> {
    let mut last = from.to_string();
    let mut is_first = true;
    loop {
        let query = [("part", part), ("from", last.as_str())];
        let stream = match api.follow(&format!("{path}/events"), &query, Some(&last)) {
            Ok(stream) => stream,
            // The server may be starting anew; one that never answered is told of.
            Err(PreviewError::Unreachable { .. }) if !is_first => {
                std::thread::sleep(AGAIN);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        is_first = false;
        for line in stream.lines().map_while(Result::ok) {
            let Some(data) = line.strip_prefix("data: ") else {
                continue;
            };
            let data: Value = serde_json::from_str(data).map_err(|error| api.strange(error))?;
            let piece = Piece::of(api, data)?;
            print(&piece, voice)?;
            last = piece.next.to_string();
        }
        std::thread::sleep(AGAIN);
    }
}

/// An empty answer looks like one that was lost.
fn say_nothing(words: &Logs, voice: &Voice) {
    let of = if words.prepare {
        "of how it was prepared"
    } else {
        "of how it runs; --prepare shows how it was prepared"
    };
    // Nobody may be there to read it.
    let _ = writeln!(
        std::io::stderr(),
        "{} nothing is logged {of}",
        voice.err.paint(WARNING, "note:")
    );
}

fn print(piece: &Piece, voice: &Voice) -> Result<(), Stopped> {
    let is_terminal = std::io::stdout().is_terminal();
    for line in &piece.lines {
        if voice.json {
            let event = serde_json::json!({ "at": line.at, "text": line.text });
            answer::text(&format!("{event}\n"))?;
        } else {
            let line = shown(&line.text, is_terminal, voice.out);
            answer::text(&format!("{line}\n"))?;
        }
    }
    Ok(())
}

/// A line as it is shown: what an environment prints may colour a terminal where that is wanted, and does nothing else to it.
fn shown(line: &str, is_terminal: bool, paint: Paint) -> Cow<'_, str> {
    match (is_terminal, paint.on) {
        (false, _) => Cow::Borrowed(line),
        (true, true) => Cow::Owned(coloured(line)),
        (true, false) => Cow::Owned(plain(line)),
    }
}

#[cfg(test)]
mod tests {
    use super::shown;
    use crate::colour::Paint;

    #[test]
    fn an_environment_colours_a_terminal_at_most() {
        let line = "\u{1b}]0;mine\u{7}\u{1b}[2J\u{1b}[31mred";
        for (is_terminal, on, expected) in [
            (true, true, "\u{1b}[31mred\u{1b}[0m"),
            (true, false, "red"),
            (false, true, line),
            (false, false, line),
        ] {
            let found = shown(line, is_terminal, Paint { on });
            assert_eq!(found, expected, "terminal={is_terminal} colours={on}");
        }
    }
}
