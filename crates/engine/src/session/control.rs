//! What other processes do with a session: enter its containers, stop it.

use std::path::Path;

use boatyard_store::Store;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::container::{self, Wanted};
use super::record::{ProcessRecord, Record};
use super::{Place, SessionError};
use crate::sandbox::{Network, Running, Sandbox, Stdio};

/// How long a session may take from giving up its lock to its end.
const LAST_BREATH: Timespec = Timespec {
    tv_sec: 5,
    tv_nsec: 0,
};

/// Starts one more program in a running container, with the environment and as the user of its image.
pub fn enter(
    sandbox: &Sandbox,
    store: &Store,
    process: &ProcessRecord,
    pid: i32,
    argv: &[String],
    terminal: bool,
) -> Result<Running, SessionError> {
    let no_image = |_| SessionError::NoImage {
        reference: process.image.clone(),
    };
    let reference = process.image.parse().map_err(no_image)?;
    let (tree, config) = container::image(store, &reference)?;
    let wanted = Wanted {
        image: &reference,
        args: None,
        env: &process.env,
        hosts: &[],
        network: Network::Host,
        volumes: &std::collections::BTreeMap::new(),
        hostname: &process.name,
        terminal,
    };
    let mut program = container::program(store, &tree, &config, &wanted)?;
    program.argv = argv.to_vec();
    Ok(sandbox.join(
        pid,
        &program,
        [Stdio::Inherit, Stdio::Inherit, Stdio::Inherit],
    )?)
}

/// Asks the session in `place` to stop and waits until it is over. False if none ran.
pub fn stop(place: &Place) -> Result<bool, SessionError> {
    let record = match Record::read(place) {
        Err(SessionError::NotRunning) => return Ok(false),
        other => other?,
    };
    // Gone in the meantime: what we wanted.
    let process =
        Pid::from_raw(record.pid).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
    if let Some(process) = &process {
        let _ = pidfd_send_signal(process, Signal::TERM);
    }
    wait(&place.folder().join("lock"))?;
    // It gives up the lock shortly before its end; who asks us to stop it wants to find nothing afterwards.
    if let Some(process) = process {
        let _ = poll(
            &mut [PollFd::new(&process, PollFlags::IN)],
            Some(&LAST_BREATH),
        );
    }
    Ok(true)
}

/// Waits until nobody holds the lock.
fn wait(path: &Path) -> Result<(), SessionError> {
    let failed = |source| SessionError::Io {
        doing: "wait for",
        path: path.to_path_buf(),
        source,
    };
    std::fs::File::open(path)
        .and_then(|file| file.lock())
        .map_err(failed)
}
