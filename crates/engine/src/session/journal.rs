//! What processes printed, kept on disk.
//!
//! ```text
//! 1763701234567 o a line of standard output
//! 1763701234570 e a line of standard error       milliseconds since 1970
//! ```
//! A file that grows past [`ROTATE_BYTES`] becomes `<process>.old`, of which there is one.

use std::fs::File;
use std::io::{BufRead, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use boatyard_plan::event::Stream;

use super::{Place, SessionError};

/// Size at which a log is put aside.
const ROTATE_BYTES: u64 = 16 << 20;

/// Writes the log of one process.
pub(super) struct Writer {
    path: PathBuf,
    file: File,
    size: u64,
}

impl Writer {
    /// Begins an empty log; or goes on with that of earlier tries.
    pub(super) fn open(place: &Place, process: &str, goes_on: bool) -> Result<Self, SessionError> {
        let path = place.log(process);
        let failed = |source| SessionError::Io {
            doing: "make",
            path: path.clone(),
            source,
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        if !goes_on {
            let _ = std::fs::remove_file(path.with_extension("old"));
            File::create(&path).map_err(failed)?;
        }
        let file = File::options().append(true).create(true).open(&path);
        let file = file.map_err(failed)?;
        let size = file.metadata().map_or(0, |meta| meta.len());
        Ok(Self { path, file, size })
    }

    /// Adds a line. A full disk loses lines, never the process.
    pub(super) fn line(&mut self, stream: Stream, text: &str) {
        let millis = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_millis());
        let mark = if stream == Stream::Out { 'o' } else { 'e' };
        let line = format!("{millis} {mark} {text}\n");
        if self.file.write_all(line.as_bytes()).is_ok() {
            self.size += line.len() as u64;
        }
        if self.size > ROTATE_BYTES
            && std::fs::rename(&self.path, self.path.with_extension("old")).is_ok()
            && let Ok(file) = File::create(&self.path)
        {
            (self.file, self.size) = (file, 0);
        }
    }
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When, milliseconds since 1970.
    pub millis: u64,
    /// Who.
    pub process: String,
    /// Where.
    pub stream: Stream,
    /// What.
    pub text: String,
}

/// Reads logs, merged in order of time; remembers how far it has read.
pub struct Reader {
    logs: Vec<(String, PathBuf, u64)>,
}

impl Reader {
    /// Reads the logs of `processes` from their beginning.
    pub fn new(place: &Place, processes: &[String]) -> Self {
        Self {
            logs: processes
                .iter()
                .map(|process| (process.clone(), place.log(process), 0))
                .collect(),
        }
    }

    /// Processes that have a log in `place`, sorted.
    pub fn processes(place: &Place) -> Vec<String> {
        let entries = std::fs::read_dir(place.folder().join("log"))
            .into_iter()
            .flatten()
            .flatten();
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| Path::new(name).extension() != Some("old".as_ref()))
            .collect();
        names.sort();
        names
    }

    /// Whole lines that came since the last call, in order of time.
    pub fn more(&mut self) -> Vec<Line> {
        let mut lines = Vec::new();
        for (process, path, offset) in &mut self.logs {
            let Ok(mut file) = File::open(&*path) else {
                continue;
            };
            // Shorter than what was read: it was put aside and begun anew.
            if file.metadata().is_ok_and(|meta| meta.len() < *offset) {
                *offset = 0;
            }
            if file.seek(SeekFrom::Start(*offset)).is_err() {
                continue;
            }
            let mut reader = BufReader::new(file);
            let mut bytes = Vec::new();
            while reader.read_until(b'\n', &mut bytes).is_ok_and(|n| n > 0)
                && bytes.ends_with(b"\n")
            {
                *offset += bytes.len() as u64;
                lines.extend(parse(process, &String::from_utf8_lossy(&bytes)));
                bytes.clear();
            }
        }
        lines.sort_by_key(|line| line.millis);
        lines
    }
}

fn parse(process: &str, line: &str) -> Option<Line> {
    let mut parts = line.trim_end_matches('\n').splitn(3, ' ');
    let millis = parts.next()?.parse().ok()?;
    let stream = match parts.next()? {
        "o" => Stream::Out,
        "e" => Stream::Err,
        _ => return None,
    };
    Some(Line {
        millis,
        process: process.to_owned(),
        stream,
        text: parts.next().unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_in_order_and_only_once() {
        let home = tempfile::tempdir().unwrap();
        let place = Place::new(home.path(), "p", home.path());
        let mut web = Writer::open(&place, "web", false).unwrap();
        let mut db = Writer::open(&place, "db", false).unwrap();
        web.line(Stream::Out, "one");
        db.line(Stream::Err, "two words");
        let mut reader = Reader::new(&place, &Reader::processes(&place));
        let texts = |lines: Vec<Line>| lines.into_iter().map(|line| line.text).collect::<Vec<_>>();
        let mut first = texts(reader.more());
        first.sort();
        assert_eq!(first, ["one", "two words"]);
        web.line(Stream::Out, "three");
        assert_eq!(texts(reader.more()), ["three"]);
        assert!(reader.more().is_empty());

        let mut again = Writer::open(&place, "web", true).unwrap();
        again.line(Stream::Out, "four");
        assert_eq!(texts(reader.more()), ["four"], "it goes on");
        drop(Writer::open(&place, "db", false).unwrap());
        let mut reader = Reader::new(&place, &Reader::processes(&place));
        assert_eq!(texts(reader.more()), ["one", "three", "four"]);
    }
}
