//! What environments print, for people and programs: whole lines with their times.

use boatyard_preview::id::Id;
use boatyard_preview::time::Time;
use serde::Serialize;

use super::moment;
use super::problem::Problem;
use super::site::Site;
use crate::logs::{Chunk, Part};

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// When it was printed, as RFC 3339.
    pub at: String,
    /// What, as it came: with the escape sequences that colour it.
    pub text: String,
}

/// Some of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// Where it begins: later than what was asked for, if that is no longer kept.
    pub begin: u64,
    /// Where to go on.
    pub next: u64,
    /// Where the log ends now.
    pub end: u64,
    /// The lines.
    pub lines: Vec<Line>,
}

impl Piece {
    /// Of what was read: the line that is not whole yet is left for the next piece, unless it is all there is.
    fn of(chunk: &Chunk) -> Self {
        let whole = match chunk.bytes.iter().rposition(|byte| *byte == b'\n') {
            Some(last) => &chunk.bytes[..=last],
            None => &chunk.bytes,
        };
        let rest = (chunk.bytes.len() - whole.len()) as u64;
        let lines = String::from_utf8_lossy(whole);
        Self {
            begin: chunk.begin,
            next: chunk.next - rest,
            end: chunk.end,
            lines: lines.lines().map(Line::of).collect(),
        }
    }
}

impl Line {
    fn of(line: &str) -> Self {
        let parts = line
            .split_once(' ')
            .and_then(|(millis, text)| Some((millis.parse().ok()?, text)));
        match parts {
            Some((millis, text)) => Self {
                at: moment::text(Time(millis)),
                text: text.to_owned(),
            },
            // The beginning of a line that was longer than what is read at once.
            None => Self {
                at: String::new(),
                text: line.to_owned(),
            },
        }
    }
}

/// What is kept of a log from there on.
pub async fn read(site: &Site, id: &Id, part: Part, from: u64) -> Result<Piece, Problem> {
    let (logs, id) = (site.logs().clone(), *id);
    let read = tokio::task::spawn_blocking(move || logs.read(&id, part, from));
    match read.await {
        Ok(Ok(chunk)) => Ok(Piece::of(&chunk)),
        Ok(Err(error)) => Err(failed(&error.to_string())),
        Err(error) => Err(failed(&error.to_string())),
    }
}

/// The last lines of a log, and where it ends.
pub async fn tail(site: &Site, id: &Id, part: Part, count: usize) -> (Vec<String>, u64) {
    let (logs, id) = (site.logs().clone(), *id);
    let read = tokio::task::spawn_blocking(move || {
        // What is printed in between comes twice rather than never.
        let end = *logs.follow(&id, part).borrow();
        (logs.last(&id, part, count), end)
    });
    read.await.unwrap_or_default()
}

fn failed(error: &str) -> Problem {
    let status = axum::http::StatusCode::SERVICE_UNAVAILABLE;
    Problem::new(status, format!("the log cannot be read: {error}")).retry(5)
}

#[cfg(test)]
mod tests {
    use super::Piece;
    use crate::logs::Chunk;

    #[test]
    fn lines_are_whole() {
        let chunk = |text: &str, begin: u64| {
            let next = begin + text.len() as u64;
            Chunk {
                begin,
                bytes: text.as_bytes().to_vec(),
                next,
                end: 99,
            }
        };
        let piece = Piece::of(&chunk("0 one\n1000 two words\n2000 thr", 10));
        let lines: Vec<_> = piece
            .lines
            .iter()
            .map(|line| (line.at.as_str(), line.text.as_str()))
            .collect();
        assert_eq!(
            lines,
            [
                ("1970-01-01T00:00:00Z", "one"),
                ("1970-01-01T00:00:01Z", "two words")
            ]
        );
        assert_eq!((piece.begin, piece.next, piece.end), (10, 31, 99));
        let endless = Piece::of(&chunk("xxx", 5));
        assert_eq!(
            (endless.next, endless.lines.len()),
            (8, 1),
            "it goes on, whatever comes"
        );
        assert_eq!(Piece::of(&chunk("", 5)).next, 5);
    }
}
