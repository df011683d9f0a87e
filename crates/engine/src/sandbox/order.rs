//! What we tell the helper, and what it answers.

use serde::{Deserialize, Serialize};

use super::error::SandboxError;
use super::spec::{Program, Spec};

/// First argument of a helper: no verb of ours, and nothing a user would type.
pub(super) const HELPER_ARGUMENT: &str = "--boatyard-sandbox-helper";

/// What the helper shall do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Order {
    /// A new sandbox.
    Start {
        /// What runs in it.
        spec: Box<Spec>,
        /// How it is kept apart.
        isolation: Isolation,
        /// Which identities exist.
        identities: Identities,
    },
    /// One more program in an existing sandbox.
    Join {
        /// PID 1 of the sandbox, as seen here.
        pid: i32,
        /// What runs.
        program: Program,
    },
    /// A process without a parent in an existing sandbox, for its PID 1 to look after.
    Orphan {
        /// PID 1 of the sandbox, as seen here.
        pid: i32,
    },
}

impl Order {
    /// The name of what runs, whatever the order.
    pub(super) fn command(&self) -> &str {
        let program = match self {
            Self::Start { spec, .. } => &spec.program,
            Self::Join { program, .. } => program,
            Self::Orphan { .. } => return super::orphan::NAME,
        };
        program.argv.first().map_or("", String::as_str)
    }
}

/// How a sandbox is kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Isolation {
    /// Namespaces and `pivot_root`.
    Namespaces,
    /// Only another root folder.
    Chroot,
}

/// Which user numbers exist around the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Identities {
    /// Many: programs can change owners and users.
    Many,
    /// Root only: a user with one number. Changes of owner or user are answered "done" and do nothing.
    Single,
}

/// What the helper answers, one message each.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    /// The program runs. The message carries a pidfd of PID 1 (of the program itself after a join).
    Started {
        /// Its number as seen here.
        pid: i32,
    },
    /// The program does not run.
    Failed {
        /// Why.
        error: SandboxError,
    },
    /// The program ended, everything it left behind has been killed, and the root is as it was.
    Exited {
        /// Exit code, or 128 + signal.
        code: i32,
    },
}
