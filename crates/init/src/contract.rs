//! The contract file: what an image promises to run.
//!
//! ```text
//! /etc/boatyard/contract.json
//! { "version": 1, "project": "guestbook", "service": "app", "default_role": "web",
//!   "roles": { "web": { "command": "gunicorn app:app", "stop": { "signal": "TERM", "grace_secs": 30 } } } }
//! ```
//! Written by the builder in compact JSON with sorted keys (same input, same bytes), read by PID 1.

mod read;
mod schedule;
mod supervise;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::environment::Environment;

pub use read::{Broken, parse};
pub use schedule::{Manner, Schedule};
pub use supervise::{Habits, MAIN, Restart, Service, Supervise};

/// Where the contract lives in an image: an absolute path.
pub const PATH: &str = "/etc/boatyard/contract.json";

/// Where the builder puts the init binary in an image: an absolute path.
pub const BINARY: &str = "/usr/bin/boatyard-init";

/// The version of the format that this code writes.
pub const VERSION: u32 = 1;

/// What one image promises to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// Version of the format, [`VERSION`].
    pub version: u32,
    /// Name of the project.
    pub project: String,
    /// Name of the service (one image of the project).
    pub service: String,
    /// The role that `start` runs when neither an argument nor `ROLE` names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_role: Option<String>,
    /// Those variables of the image that a role has another value for, with the image's value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub image_env: BTreeMap<String, String>,
    /// Roles by name.
    #[serde(default)]
    pub roles: BTreeMap<String, Role>,
    /// One-off work by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub jobs: BTreeMap<String, Job>,
    /// Scheduled work by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub schedules: BTreeMap<String, Schedule>,
}

impl Contract {
    /// The environment of a role: its own variables replace those of the image, and yield to those that were given when
    /// the container was started. Which of the two it is cannot be seen but by the value.
    pub fn environment(&self, role: &str, given: &Environment) -> Environment {
        let mut ours = given.clone();
        let own = self.roles.get(role).into_iter().flat_map(|role| &role.env);
        for (name, value) in own {
            let of_image = self.image_env.get(name).map(String::as_bytes);
            if given.get(name).is_none_or(|there| Some(there) == of_image) {
                ours.set(name, value);
            }
        }
        ours
    }
}

/// A command: one line for a shell, or the words themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Command {
    /// A line for `sh -c`; expansion and quoting are the shell's. It is run with `exec` in front where it is one
    /// simple command, so that the shell does not stay between init and the application.
    Line(String),
    /// The program and its arguments, run without a shell. Never empty.
    Words(Vec<String>),
}

/// A long-running process of the image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// What to run.
    pub command: Command,
    /// How to stop it.
    #[serde(default)]
    pub stop: Stop,
    /// Port it listens on, if it listens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// How to ask whether it is ready: `http://:8080/path`, `tcp://:6379` or a command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<String>,
    /// Variables for it alone. One that was given when the container was started stays; see [`Contract::environment`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// What runs beside it, and what init does for each; none: it runs alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supervise: Option<Supervise>,
}

/// One-off work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// What to run.
    pub command: Command,
}

/// How a role is stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// Signal name without `SIG`, in capitals.
    pub signal: String,
    /// Seconds between the signal and KILL.
    pub grace_secs: u64,
    /// Who gets forwarded signals.
    #[serde(default, skip_serializing_if = "Target::is_main")]
    pub target: Target,
}

impl Default for Stop {
    fn default() -> Self {
        Self {
            signal: "TERM".to_owned(),
            grace_secs: 30,
            target: Target::Main,
        }
    }
}

/// Who gets the signals that init forwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// The main process only (default: Celery's running tasks survive it).
    #[default]
    Main,
    /// The process group of the main process.
    Group,
    /// Every process of the container.
    All,
}

impl Target {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde calls it with a reference"
    )]
    fn is_main(&self) -> bool {
        *self == Self::Main
    }
}
