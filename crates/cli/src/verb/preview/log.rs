//! What an environment printed.

use std::io::{BufRead as _, Write as _};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::api::Api;
use super::failure::PreviewError;
use super::one::{path, read};
use crate::answer;
use crate::args::preview::Logs;
use crate::colour::WARNING;
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

/// Shows a log; follows it if that is said.
pub fn logs(api: &Api, words: &Logs, voice: &Voice) -> Result<(), Stopped> {
    let path = format!("{}/log", path(&words.one));
    let part = if words.prepare { "prepare" } else { "run" };
    let mut from = 0;
    loop {
        let position = from.to_string();
        let piece = api.get(&path, &[("part", part), ("from", &position)])?;
        let piece: Piece = read(api, piece)?;
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
            let piece: Piece = read(api, data)?;
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
    for line in &piece.lines {
        if voice.json {
            let event = serde_json::json!({ "at": line.at, "text": line.text });
            answer::text(&format!("{event}\n"))?;
        } else {
            answer::text(&format!("{}\n", line.text))?;
        }
    }
    Ok(())
}
