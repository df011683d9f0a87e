//! Several services in one role, and what init does for each.
//!
//! ```text
//! "supervise": { "stop_delay_secs": 5,
//!                "main": { "sockets": ["tcp://127.0.0.1:8000"] },
//!                "services": { "nginx": { "command": "nginx -c /run/nginx.conf", "stop": { "signal": "QUIT", "grace_secs": 20 },
//!                                         "ready": "tcp://:8080", "habits": { "after": ["main"] } } } }
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Command, Stop};

/// The name of the role's own command among its services.
pub const MAIN: &str = "main";

/// Seconds until a service has to be ready if nobody says.
const READY_TIMEOUT_SECS: u64 = 60;

/// What runs beside the role's own command, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supervise {
    /// Services by name; none is called [`MAIN`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub services: BTreeMap<String, Service>,
    /// Habits of the role's own command.
    #[serde(default)]
    pub main: Habits,
    /// How to know that the role's own command is ready; none: as the role says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub main_ready: Option<String>,
    /// Seconds that all go on after a stop was asked for, no longer ready: routers need time to see that.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub stop_delay_secs: u64,
}

/// One of several services of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// What to run.
    pub command: Command,
    /// How to stop it.
    #[serde(default)]
    pub stop: Stop,
    /// How to know that it is ready, as for a role, or `running`, `notify`, `fd:N`, `file:PATH`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<String>,
    /// What init does for it.
    #[serde(default)]
    pub habits: Habits,
}

/// What init does for a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Habits {
    /// It is started when these are ready, and stopped before them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
    /// Seconds until it has to be ready.
    pub ready_timeout_secs: u64,
    /// The role ends when it ends.
    pub essential: bool,
    /// When it is started again; none: never if it is essential, else always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart: Option<Restart>,
    /// It is ready when it has ended with 0.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub oneshot: bool,
    /// Sockets that init opens, keeps over restarts and gives it from descriptor 3 on: `tcp://ADDRESS:PORT`, `unix:PATH`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sockets: Vec<String>,
    /// Who it runs as, if not who init is: a name of `/etc/passwd`, `UID` or `UID:GID`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The folder that it starts in, if not that of the role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// Where its output goes, if not to ours: the absolute path of a file, or `null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
    /// Variables for it alone.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            after: Vec::new(),
            ready_timeout_secs: READY_TIMEOUT_SECS,
            essential: true,
            restart: None,
            oneshot: false,
            sockets: Vec::new(),
            user: None,
            cwd: None,
            log: None,
            env: BTreeMap::new(),
        }
    }
}

/// When a service is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    /// It is not.
    Never,
    /// After any end but 0.
    OnFailure,
    /// After any end.
    Always,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}
