//! How a job is run beside when: overlaps, delays, time limits, retries.
//!
//! ```text
//! # boatyard: overlap=queue splay=30s timeout=10m retries=2 retry-delay=1m
//! 0 3 * * *  flask clear-sessions
//! ```

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::duration;
use super::mistake::Wrong;
use crate::contract::Manner;

/// How a job is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What happens when it is due while it runs.
    pub overlap: Overlap,
    /// It starts late by a random time up to this.
    pub splay: Duration,
    /// It is ended when it has run for so long.
    pub timeout: Option<Duration>,
    /// How often it is tried again after a failure.
    pub retries: u32,
    /// How long after a failure; doubled for each further one.
    pub retry_delay: Duration,
}

/// What happens when a job is due while it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Overlap {
    /// It is left out this time, and that is said.
    #[default]
    #[serde(alias = "skip")]
    Forbid,
    /// It is started beside itself.
    Allow,
    /// It is started when the one that runs has ended. One waits at most; further ones are left out.
    Queue,
    /// The one that runs is ended, and it is started then.
    Replace,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            overlap: Overlap::Forbid,
            splay: Duration::ZERO,
            timeout: None,
            retries: 0,
            retry_delay: Duration::from_secs(10),
        }
    }
}

impl Rules {
    /// Takes over one setting, `NAME=VALUE`.
    pub fn set(&mut self, setting: &str) -> Result<(), Wrong> {
        let wrong = || Wrong::Setting {
            found: setting.to_owned(),
        };
        let (name, value) = setting.split_once('=').ok_or_else(wrong)?;
        let time = || {
            duration::parse(value).ok_or_else(|| Wrong::Duration {
                found: value.to_owned(),
            })
        };
        match name {
            "overlap" => self.overlap = Overlap::parse(value).ok_or_else(wrong)?,
            "splay" => self.splay = time()?,
            "timeout" => self.timeout = Some(time()?).filter(|limit| !limit.is_zero()),
            "retries" => self.retries = value.parse().map_err(|_| wrong())?,
            "retry-delay" => self.retry_delay = time()?,
            _ => return Err(wrong()),
        }
        Ok(())
    }
}

impl Rules {
    /// These, but where a schedule says something else.
    #[must_use]
    pub fn of(&self, manner: &Manner) -> Self {
        let time = |secs: Option<u64>, usual: Duration| secs.map_or(usual, Duration::from_secs);
        let timeout = manner.timeout_secs.map(Duration::from_secs);
        Self {
            overlap: manner.overlap.unwrap_or(self.overlap),
            splay: time(manner.splay_secs, self.splay),
            timeout: timeout.or(self.timeout).filter(|limit| !limit.is_zero()),
            retries: manner.retries.unwrap_or(self.retries),
            retry_delay: time(manner.retry_delay_secs, self.retry_delay),
        }
    }
}

impl Overlap {
    /// The policy of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "forbid" | "skip" => Self::Forbid,
            "allow" => Self::Allow,
            "queue" => Self::Queue,
            "replace" => Self::Replace,
            _ => return None,
        })
    }
}
