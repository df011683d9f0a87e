//! All logs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use boatyard_preview::id::Id;
use tokio::sync::watch;

use super::log::{self, Chunk, Log};
use super::{BAR, Part};

/// What stands for a secret.
const MASK: &str = "***";
/// Secrets that are shorter are not looked for: they would be found everywhere.
const SHORTEST: usize = 4;
/// Bytes of a line that are kept.
const LINE: usize = 16 << 10;
/// Since when nobody knows an environment any more.
const GONE: &str = "gone";

/// So many files are open at once: whoever has thousands of environments has fewer descriptors.
const FILES: usize = 64;

/// All logs, for everybody; clones are the same.
#[derive(Clone)]
pub struct Logs {
    folder: PathBuf,
    open: Arc<Mutex<Open>>,
    secrets: Arc<RwLock<Vec<String>>>,
}

/// The logs that somebody has written to or looked at.
#[derive(Default)]
struct Open {
    logs: BTreeMap<(Id, Part), Log>,
    /// How many have a file at most.
    files: usize,
}

impl Logs {
    /// The logs in `folder`.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
            open: Arc::default(),
            secrets: Arc::default(),
        }
    }

    /// From now on these are not written into any log.
    pub fn conceal(&self, mut secrets: Vec<String>) {
        secrets.retain(|secret| secret.len() >= SHORTEST);
        // The longer first: one may be part of another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        *self.secrets.write().unwrap_or_else(PoisonError::into_inner) = secrets;
    }

    /// Adds a line, with the time. A full disk loses lines, never an environment.
    pub fn append(&self, id: &Id, part: Part, line: &str) {
        self.append_at(id, part, now(), line);
    }

    /// Adds a line that was printed at that time, in milliseconds since 1970; of a very long one the beginning, and how much is missing.
    pub fn append_at(&self, id: &Id, part: Part, millis: u64, line: &str) {
        // In this order: a secret that is cut in two is not found.
        let text = shortened(self.without_secrets(line.to_owned()));
        let mut open = self.lock();
        if !self.log(&mut open, id, part).has_file() {
            if open.files >= FILES {
                open.logs.values_mut().for_each(Log::close);
                open.files = 0;
            }
            open.files += 1;
        }
        let log = self.log(&mut open, id, part);
        let _ = log.append(format!("{millis} {text}\n").as_bytes());
    }

    /// The same without what is a secret now: when a line was written, something else may have been.
    pub(crate) fn without_secrets(&self, mut text: String) -> String {
        for secret in &*self.secrets.read().unwrap_or_else(PoisonError::into_inner) {
            if text.contains(secret) {
                text = text.replace(secret, MASK);
            }
        }
        text
    }

    /// What is kept from `from` on; nothing if there is no log.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(&self, id: &Id, part: Part, from: u64) -> io::Result<Chunk> {
        log::read(&self.place(id, part), from)
    }

    /// Whether anything is kept of that environment.
    pub fn has(&self, id: &Id) -> bool {
        self.folder.join(id.as_str()).is_dir()
    }

    /// Where the log ends, whenever it is longer.
    pub fn follow(&self, id: &Id, part: Part) -> watch::Receiver<u64> {
        let mut open = self.lock();
        self.log(&mut open, id, part).follow()
    }

    /// The last lines, without their times, oldest first.
    pub fn last(&self, id: &Id, part: Part, count: usize) -> Vec<String> {
        let text = self.tail(id, part);
        let lines: Vec<&str> = text.lines().collect();
        let lines = &lines[lines.len().saturating_sub(count)..];
        let without_time =
            |line: &&str| line.split_once(' ').map_or("", |(_, text)| text).to_owned();
        lines.iter().map(without_time).collect()
    }

    /// When the last line of a process of it was printed, in milliseconds since 1970; 0 if there is none.
    pub(crate) fn seen(&self, id: &Id) -> u64 {
        // What ran while it was prepared may not be gone yet.
        let last = [Part::Prepare, Part::Run].map(|part| {
            let lines = self.tail(id, part);
            let times = lines.lines().rev().filter_map(|line| line.split_once(' '));
            times
                .filter(|(_, text)| text.contains(BAR))
                .find_map(|(millis, _)| millis.parse().ok())
        });
        last.into_iter().flatten().max().unwrap_or(0)
    }

    /// Removes the logs of what nobody has known for `keep`. `is_known` is asked for each environment that has logs.
    pub fn sweep(&self, keep: Duration, is_known: impl Fn(&str) -> bool) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let gone = entry.path().join(GONE);
            if entry.file_name().to_str().is_some_and(&is_known) {
                let _ = fs::remove_file(&gone);
            } else if let Ok(meta) = fs::metadata(&gone) {
                let since = meta.modified().ok().and_then(|at| at.elapsed().ok());
                if since.is_some_and(|since| since >= keep) {
                    let _ = fs::remove_dir_all(entry.path());
                    let is_other = |id: &Id| *id.as_str() != *entry.file_name();
                    self.lock().logs.retain(|(id, _), _| is_other(id));
                }
            } else {
                let _ = fs::write(&gone, b"");
            }
        }
    }

    /// Some of the end.
    fn tail(&self, id: &Id, part: Part) -> String {
        let end = *self.follow(id, part).borrow();
        let mut from = end.saturating_sub(32 << 10);
        let mut bytes = Vec::new();
        // Bounded: as much as is asked for is less than a few segments.
        for _ in 0..8 {
            let Ok(chunk) = self.read(id, part, from) else {
                break;
            };
            bytes.extend(chunk.bytes);
            from = chunk.next;
            if from >= chunk.end {
                break;
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn log<'a>(&self, open: &'a mut Open, id: &Id, part: Part) -> &'a mut Log {
        open.logs
            .entry((*id, part))
            .or_insert_with(|| Log::open(self.place(id, part)))
    }

    fn place(&self, id: &Id, part: Part) -> PathBuf {
        self.folder.join(id.as_str()).join(part.word())
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The beginning of a line that is too long, and how much is missing.
fn shortened(mut text: String) -> String {
    if text.len() > LINE {
        let mut ends = (0..=LINE).rev();
        let end = ends.find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        let missing = text.len() - end;
        text.truncate(end);
        let _ = write!(text, " [{missing} bytes are left out]");
    }
    text
}

/// Milliseconds since 1970.
pub(crate) fn now() -> u64 {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH);
    wall.map_or(0, |wall| u64::try_from(wall.as_millis()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use boatyard_preview::id::Id;

    use super::{FILES, LINE, Logs, Part};

    #[test]
    fn however_many_there_are_few_files_are_open() {
        let folder = tempfile::tempdir().unwrap();
        let logs = Logs::new(folder.path());
        let ids: Vec<Id> = (0..3 * FILES)
            .map(|number| {
                let letter = |by: usize| char::from(b'a' + u8::try_from(number / by % 26).unwrap());
                format!("abcdefghijklmn{}{}", letter(26), letter(1))
            })
            .map(|text| text.parse().unwrap())
            .collect();
        for line in ["one", "two"] {
            for id in &ids {
                logs.append(id, Part::Run, line);
                let open = logs.lock();
                let files = open.logs.values().filter(|log| log.has_file()).count();
                assert!(files <= FILES, "{files}");
            }
        }
        for id in &ids {
            assert_eq!(logs.last(id, Part::Run, 9), ["one", "two"]);
            let segments = folder.path().join(id.as_str()).join("run").read_dir();
            assert_eq!(segments.unwrap().count(), 1, "it goes on in its segment");
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let logs = Logs::new(folder.path());
        let id: Id = "abcdefghijklmnop".parse().unwrap();
        logs.conceal(vec!["hunter2".into()]);
        let long = |length: usize| "x".repeat(length);
        for (line, expected) in [
            (long(LINE), long(LINE)),
            (
                long(1 << 20),
                format!("{} [1032192 bytes are left out]", long(LINE)),
            ),
            // A letter is not cut in two, nor is a secret.
            (
                format!("{}é", long(LINE - 1)),
                format!("{} [2 bytes are left out]", long(LINE - 1)),
            ),
            (
                format!("{}hunter2", long(LINE - 3)),
                format!("{}***", long(LINE - 3)),
            ),
        ] {
            logs.append(&id, Part::Run, &line);
            assert_eq!(logs.last(&id, Part::Run, 1), [expected]);
        }
        let end = *logs.follow(&id, Part::Run).borrow();
        assert!(end < 5 * LINE as u64, "{end}");
    }

    #[tokio::test]
    async fn lines_are_kept_without_secrets_and_go_when_their_time_has_come() {
        let folder = tempfile::tempdir().unwrap();
        let logs = Logs::new(folder.path());
        let id: Id = "abcdefghijklmnop".parse().unwrap();
        logs.conceal(vec!["hunter2".into(), "hunter2-more".into(), "x".into()]);
        let mut follow = logs.follow(&id, Part::Run);
        logs.append(&id, Part::Run, "with hunter2-more and x");
        logs.append_at(&id, Part::Run, 7, "\u{1b}[31mred\u{1b}[0m");
        follow.changed().await.unwrap();
        let chunk = logs.read(&id, Part::Run, 0).unwrap();
        assert_eq!(chunk.next, *follow.borrow());
        let text = String::from_utf8(chunk.bytes).unwrap();
        assert!(text.ends_with("7 \u{1b}[31mred\u{1b}[0m\n"), "{text}");
        let last = logs.last(&id, Part::Run, 2);
        assert_eq!(last[0], "with *** and x");
        assert_eq!(logs.read(&id, Part::Prepare, 0).unwrap().end, 0);

        logs.sweep(Duration::ZERO, |known| known == id.as_str());
        assert_eq!(logs.last(&id, Part::Run, 9).len(), 2);
        logs.sweep(Duration::from_secs(60), |_| false);
        logs.sweep(Duration::from_secs(60), |_| false);
        assert_eq!(logs.last(&id, Part::Run, 9).len(), 2, "not yet");
        logs.sweep(Duration::ZERO, |_| false);
        assert!(logs.last(&id, Part::Run, 9).is_empty());
        assert!(folder.path().read_dir().unwrap().next().is_none());
    }
}
