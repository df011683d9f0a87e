//! Scheduled work.
//!
//! ```text
//! "schedules": { "tidy": { "cron": "0 3 * * *", "command": "flask tidy",
//!                          "manner": { "timezone": "Europe/Paris", "overlap": "queue", "timeout_secs": 600 } } }
//! ```

use serde::{Deserialize, Serialize};

use super::Command;
use crate::cron::Overlap;

/// Scheduled work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// A crontab expression.
    pub cron: String,
    /// What to run.
    pub command: Command,
    /// How it is run.
    #[serde(default, skip_serializing_if = "Manner::is_usual")]
    pub manner: Manner,
}

/// How scheduled work is run beside when. What is not said is as the flags of `cron` have it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Manner {
    /// The zone of its times, as in the IANA database; none: that of the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// What happens when it is due while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlap: Option<Overlap>,
    /// It is ended when it has run for so long; 0: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_secs: Option<u64>,
    /// How often it is tried again after a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// How long after a failure; doubled for each further one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_delay_secs: Option<u64>,
    /// It starts late by a random time up to this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub splay_secs: Option<u64>,
}

impl Manner {
    /// Whether nothing is said.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}
