//! What a session is told: how to run, and by its threads what happens.

use std::collections::BTreeMap;
use std::sync::mpsc::Sender;
use std::time::Duration;

use super::Networking;

/// How to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long a process may take to get ready.
    pub timeout: Duration,
    /// Which network the processes see.
    pub network: Networking,
    /// Ports on this machine for roles, instead of the role's own; 0: any free one.
    pub publish: BTreeMap<String, u16>,
}

/// What the threads of a session tell it.
pub(super) enum Message {
    Exited {
        at: usize,
        code: i32,
    },
    Ready {
        at: usize,
    },
    NotReady {
        at: usize,
        last: String,
    },
    /// What failed may be tried again now.
    Again {
        at: usize,
    },
    Stop,
}

/// Stops a session from another thread: once gracefully, twice at once.
#[derive(Clone)]
pub struct Stopper(pub(super) Sender<Message>);

impl Stopper {
    /// Asks the session to stop.
    pub fn stop(&self) {
        let _ = self.0.send(Message::Stop);
    }
}
