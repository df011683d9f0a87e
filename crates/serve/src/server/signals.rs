//! What the server is asked for by signals, and by its file.

use std::path::PathBuf;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::file::Watched;

/// What the server is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    End,
    Reload,
}

/// The signals that are caught as long as this is there, and the file that is watched.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
    file: Watched,
}

impl Signals {
    /// `file`: that of the configuration, which has just been read.
    pub(super) fn catch(file: Option<PathBuf>) -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
            file: Watched::new(file),
        })
    }

    pub(super) async fn next(&mut self) -> Asked {
        let asked = tokio::select! {
            _ = self.terminate.recv() => Asked::End,
            _ = self.interrupt.recv() => Asked::End,
            _ = self.hangup.recv() => Asked::Reload,
            () = self.file.changed() => Asked::Reload,
        };
        // It is read after this: what is written from now on is noticed.
        self.file.is_read();
        asked
    }
}
