//! Progress events: what the engine tells while it works, and what `--json` prints, one per line.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::variant::Variant;

/// Something happened. Serialised as `{"event":"started",...}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A piece of work began.
    Started {
        /// Unique in one run, e.g. `base/1` (stage and step) or `up/web`.
        id: String,
        /// The work that it is a part of, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<String>,
        /// One line for people.
        title: String,
    },
    /// A piece of work moved on. Sent at most some ten times a second.
    Progress {
        /// As in `started`.
        id: String,
        /// Units done.
        done: u64,
        /// Units in all, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        total: Option<u64>,
        /// What is counted.
        unit: Unit,
        /// What it is at, e.g. a package's name.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    /// A line that a build step printed.
    Output {
        /// As in `started`.
        id: String,
        /// The line, without its end; invalid UTF-8 replaced.
        line: String,
    },
    /// A piece of work ended.
    Finished {
        /// As in `started`.
        id: String,
        /// How it ended.
        outcome: Outcome,
        /// How long it took, milliseconds.
        millis: u64,
        /// Size of what it made, bytes, where it made something.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        size_bytes: Option<u64>,
    },
    /// Something people should know.
    Notice {
        /// How loud.
        level: Level,
        /// One sentence.
        message: String,
        /// What to do, if anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        help: Option<String>,
    },
    /// An image is in the store.
    Image {
        /// The service it is for.
        service: String,
        /// Its references, e.g. `guestbook/app:latest`.
        references: Vec<String>,
        /// Digest of its manifest.
        digest: Digest,
        /// Sum of its compressed layers, bytes.
        size_bytes: u64,
        /// Whether nothing had to be done for it.
        cached: bool,
        /// Which form of the image it is, if forms were asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        variant: Option<Variant>,
    },
    /// A process of the project answers.
    Ready {
        /// Role, backing service or job.
        process: String,
        /// Where people reach it, if they can.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
        /// Since its start, milliseconds.
        millis: u64,
    },
    /// A line that a process of the project printed.
    Log {
        /// Role, backing service or job.
        process: String,
        /// `out` or `err`.
        stream: Stream,
        /// The line, without its end; invalid UTF-8 replaced.
        line: String,
    },
    /// Every process of the project is ready.
    Up {
        /// How many there are, jobs included.
        processes: usize,
    },
    /// A process of the project ended.
    Exited {
        /// Role, backing service or job.
        process: String,
        /// Its exit code; 128 + signal if a signal ended it.
        code: i32,
        /// Whether it was asked to.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        asked: bool,
    },
}

/// What a progress event counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Debian packages.
    Packages,
    /// Files.
    Files,
}

/// How a piece of work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It had been done before.
    Cached,
    /// It was not needed, or hangs on something that failed.
    Skipped,
    /// It failed.
    Failed,
}

/// How loud a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Good to know.
    Info,
    /// May surprise.
    Warning,
}

/// Which stream a line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}
