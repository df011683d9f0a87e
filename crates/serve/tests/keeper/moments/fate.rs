//! What becomes of a process, and when: it is killed at a moment that is counted, or its disk does not do.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rustix::process::{Signal, getpid, kill_process};

use super::power;

/// How it ends, or what its disk does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Nothing happens.
    Spared,
    /// It is killed at that moment.
    Killed,
    /// It is killed when half of that write is done.
    Torn,
    /// The machine loses power before that sync: of what was written after the one before, nothing is there.
    Cut,
    /// The disk is full at that write.
    Full,
    /// Half of that write is done, and the disk says that it failed.
    Broken,
    /// The disk says that the sync failed.
    Unsynced,
}

/// How, and at the how-manieth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fate {
    pub how: How,
    pub at: u64,
}

/// What there was of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    pub moments: u64,
    pub writes: u64,
    pub syncs: u64,
}

/// What becomes of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    Whole,
    /// Half of it, then the end.
    Half,
    /// Nothing, or half of it, and an error.
    Fails {
        is_begun: bool,
    },
}

static FATE: OnceLock<Fate> = OnceLock::new();
static MOMENTS: AtomicU64 = AtomicU64::new(0);
static WRITES: AtomicU64 = AtomicU64::new(0);
static SYNCS: AtomicU64 = AtomicU64::new(0);
/// Whether anything was written since the last sync.
static IS_DIRTY: AtomicBool = AtomicBool::new(false);

impl Fate {
    pub const SPARED: Self = Self {
        how: How::Spared,
        at: 0,
    };

    /// From now on it is the fate of this process.
    pub fn begin(self) {
        FATE.set(self).expect("a process has one");
    }

    /// How often in a row a disk fails.
    fn lasts(self) -> u64 {
        self.at % 3 + 1
    }
}

/// Here it may be killed.
pub fn moment() {
    let now = next(&MOMENTS);
    if is(How::Killed, now) {
        end();
    }
}

/// What becomes of the next write.
pub fn write() -> Write {
    // What happens between the writes of one transaction is the same for all of them.
    if !IS_DIRTY.swap(true, Ordering::SeqCst) {
        moment();
    }
    let now = next(&WRITES);
    if is(How::Torn, now) {
        Write::Half
    } else if fails(How::Full, now) {
        Write::Fails { is_begun: false }
    } else if fails(How::Broken, now) {
        Write::Fails { is_begun: true }
    } else {
        Write::Whole
    }
}

/// Whether the next sync is done; `synced` says when it is.
pub fn sync() -> bool {
    moment();
    let now = next(&SYNCS);
    if is(How::Cut, now) {
        power::cut();
        end();
    }
    !fails(How::Unsynced, now)
}

pub fn synced(file: &Path) {
    IS_DIRTY.store(false, Ordering::SeqCst);
    if fate().how == How::Cut {
        power::keep(file);
    }
    moment();
}

pub fn counts() -> Counts {
    let [moments, writes, syncs] =
        [&MOMENTS, &WRITES, &SYNCS].map(|count| count.load(Ordering::SeqCst));
    Counts {
        moments,
        writes,
        syncs,
    }
}

/// As `kill -9` from outside: nothing is put in order.
pub fn end() -> ! {
    let _ = kill_process(getpid(), Signal::KILL);
    unreachable!("that is no signal to survive");
}

fn fate() -> Fate {
    *FATE.get().unwrap_or(&Fate::SPARED)
}

fn next(count: &AtomicU64) -> u64 {
    count.fetch_add(1, Ordering::SeqCst) + 1
}

fn is(how: How, now: u64) -> bool {
    fate() == Fate { how, at: now }
}

fn fails(how: How, now: u64) -> bool {
    let fate = fate();
    fate.how == how && (fate.at..fate.at + fate.lasts()).contains(&now)
}

const NAMES: [(How, &str); 7] = [
    (How::Spared, "spared"),
    (How::Killed, "killed"),
    (How::Torn, "torn"),
    (How::Cut, "cut"),
    (How::Full, "full"),
    (How::Broken, "broken"),
    (How::Unsynced, "unsynced"),
];

impl fmt::Display for Fate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, name) = NAMES[self.how as usize];
        write!(out, "{name} {}", self.at)
    }
}

impl FromStr for Fate {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (name, at) = text.split_once(' ').ok_or(())?;
        let how = NAMES.iter().find(|(_, known)| *known == name).ok_or(())?.0;
        let at = at.parse().map_err(|_| ())?;
        Ok(Self { how, at })
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {} {}", self.moments, self.writes, self.syncs)
    }
}

impl FromStr for Counts {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut numbers = text.split(' ').map(str::parse);
        let mut next = || numbers.next().expect("three numbers");
        Ok(Self {
            moments: next()?,
            writes: next()?,
            syncs: next()?,
        })
    }
}
