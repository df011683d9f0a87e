//! One log: segments on disk.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use tokio::sync::watch;

/// Bytes at which a segment is full.
const SEGMENT: u64 = 256 << 10;
/// Full segments that are kept at the end, beside the first of all: 4 MiB.
const KEPT: usize = 15;
/// Bytes that are read at once at most.
const READ: u64 = 64 << 10;
/// Digits of a segment's name.
const DIGITS: usize = 20;

/// A piece of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    /// Where it begins: later than what was asked for, if that is no longer kept.
    pub begin: u64,
    /// The bytes; the last line may go on in the next piece.
    pub bytes: Vec<u8>,
    /// Where to go on.
    pub next: u64,
    /// Where the log ends now.
    pub end: u64,
}

/// A log that is written.
pub(super) struct Log {
    folder: PathBuf,
    /// Where the segment begins that is written to, and its size.
    segment: Option<(u64, u64)>,
    /// It, unless it was closed.
    file: Option<File>,
    end: watch::Sender<u64>,
}

impl Log {
    /// The log in `folder`, which need not be there.
    pub(super) fn open(folder: PathBuf) -> Self {
        let last = segments(&folder).pop();
        let end = last.map_or(0, |(begin, path)| begin + size(&path));
        Self {
            folder,
            segment: None,
            file: None,
            end: watch::channel(end).0,
        }
    }

    pub(super) fn follow(&self) -> watch::Receiver<u64> {
        self.end.subscribe()
    }

    /// Adds bytes.
    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let end = *self.end.borrow();
        let segment = self.segment.take().filter(|(_, size)| *size < SEGMENT);
        let (begin, before) = segment.unwrap_or((end, 0));
        let file = self.file.take().filter(|_| before > 0);
        let mut file = match file {
            Some(file) => file,
            None => self.segment_from(begin)?,
        };
        if before == 0 {
            self.drop_the_middle();
        }
        file.write_all(bytes)?;
        let written = bytes.len() as u64;
        self.segment = Some((begin, before + written));
        self.file = Some(file);
        self.end.send_replace(end + written);
        Ok(())
    }

    /// Whether a file is open for it.
    pub(super) fn has_file(&self) -> bool {
        self.file.is_some()
    }

    /// Closes its file; it is opened again when there is more to write.
    pub(super) fn close(&mut self) {
        self.file = None;
    }

    fn segment_from(&self, begin: u64) -> io::Result<File> {
        fs::create_dir_all(&self.folder)?;
        let path = self.folder.join(format!("{begin:0DIGITS$}"));
        File::options().create(true).append(true).open(path)
    }

    fn drop_the_middle(&self) {
        let all = segments(&self.folder);
        let excess = all.len().saturating_sub(1 + KEPT);
        for (_, path) in all.iter().skip(1).take(excess) {
            let _ = fs::remove_file(path);
        }
    }
}

/// What is kept of the log in `folder` from `from` on.
pub(super) fn read(folder: &Path, from: u64) -> io::Result<Chunk> {
    let mut end = 0;
    let mut found = None;
    for (begin, path) in segments(folder) {
        end = begin + size(&path);
        if found.is_none() && from < end {
            found = Some((begin, path));
        }
    }
    let Some((begin, path)) = found else {
        return Ok(Chunk {
            begin: end,
            next: end,
            end,
            ..Chunk::default()
        });
    };
    let begin_read = from.max(begin);
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(begin_read - begin))?;
    let mut bytes = Vec::new();
    file.take(READ).read_to_end(&mut bytes)?;
    Ok(Chunk {
        begin: begin_read,
        next: begin_read + bytes.len() as u64,
        bytes,
        end,
    })
}

/// Segments by where they begin, in order.
fn segments(folder: &Path) -> Vec<(u64, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<(u64, PathBuf)> = entries
        .filter_map(|entry| {
            let begin = entry.file_name().to_str()?.parse().ok()?;
            Some((begin, entry.path()))
        })
        .collect();
    found.sort();
    found
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |meta| meta.len())
}

#[cfg(test)]
mod tests {
    use super::{KEPT, Log, SEGMENT, read};

    #[test]
    fn the_beginning_and_the_end_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("run");
        let mut log = Log::open(place.clone());
        let line = vec![b'x'; 1 << 16];
        let count = 100;
        for number in 0..count {
            log.append(&line).unwrap();
            // Whether its file is closed meanwhile makes no difference.
            if number % 3 == 0 {
                log.close();
            }
        }
        let end = *log.follow().borrow();
        assert_eq!(end, count * line.len() as u64);
        let (mut from, mut seen, mut jumps) = (0, 0, 0);
        for _ in 0..1000 {
            let chunk = read(&place, from).unwrap();
            jumps += u32::from(chunk.begin > from);
            seen += chunk.bytes.len() as u64;
            from = chunk.next;
            if from == chunk.end {
                break;
            }
        }
        assert_eq!((from, jumps), (end, 1));
        assert!(seen <= SEGMENT * (2 + KEPT as u64), "{seen}");
        // Who comes back goes on after the end.
        let mut again = Log::open(place.clone());
        again.append(b"y\n").unwrap();
        let chunk = read(&place, end).unwrap();
        assert_eq!(
            (chunk.begin, chunk.bytes.as_slice()),
            (end, b"y\n".as_slice())
        );
    }
}
