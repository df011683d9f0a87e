//! The helper: what the re-executed binary does instead of being `boatyard`.

use std::os::fd::{AsFd, OwnedFd};

use rustix::stdio::{dup2_stderr, dup2_stdin, dup2_stdout};

use super::channel::Channel;
use super::error::{Errno, SandboxError};
use super::order::{Answer, HELPER_ARGUMENT, Order};
use super::{join, orphan, start};
use crate::sys;

/// Becomes the sandbox helper if this process was started as one, and then never returns. Must be the first thing in
/// `main` of every binary that spawns sandboxes, before any thread exists.
pub fn helper_main_if_asked() {
    let mut arguments = std::env::args_os().skip(1);
    if arguments
        .next()
        .is_some_and(|argument| argument == HELPER_ARGUMENT)
        && arguments.next().is_none()
    {
        std::process::exit(i32::from(run().is_none()));
    }
}

/// Takes the order and carries it out. None if whoever started us is gone or makes no sense.
fn run() -> Option<()> {
    sys::signal::block_all();
    // What we create must have the permissions we say. The program gets a usual mask.
    rustix::process::umask(rustix::fs::Mode::empty());
    let channel = std::io::stdin()
        .as_fd()
        .try_clone_to_owned()
        .ok()
        .map(Channel::from_descriptor)?;
    let taken = take_order(&channel).map_err(|cause| SandboxError::Channel {
        cause: cause.into(),
    });
    let done = taken.and_then(|taken| match taken {
        Some((order, streams)) => carry_out(&order, &channel, streams),
        None => Ok(()),
    });
    if let Err(error) = done {
        channel.send(&Answer::Failed { error }, &[]).ok()?;
    }
    Some(())
}

/// Receives the order and the program's streams. None if whoever started us is gone.
fn take_order(channel: &Channel) -> std::io::Result<Option<(Order, [OwnedFd; 3])>> {
    let Some(((), descriptors)) = channel.receive()? else {
        return Ok(None);
    };
    // The kernel leaves out those for which we have no room (recvmsg(2), MSG_CTRUNC).
    let Ok([memory, stdin, stdout, stderr]) = <[OwnedFd; 4]>::try_from(descriptors) else {
        return Err(std::io::Error::from_raw_os_error(libc::EMFILE));
    };
    let order = serde_json::from_reader(std::io::BufReader::new(std::fs::File::from(memory)))?;
    Ok(Some((order, [stdin, stdout, stderr])))
}

fn carry_out(order: &Order, channel: &Channel, streams: [OwnedFd; 3]) -> Result<(), SandboxError> {
    let prepared =
        take_streams(streams).and_then(|()| sys::process::close_on_exec_all().map_err(Errno::from));
    prepared.map_err(|cause| SandboxError::Channel { cause })?;
    match order {
        Order::Start {
            spec,
            isolation,
            identities,
        } => start::start(spec, *isolation, *identities, channel),
        Order::Join { pid, program } => join::join(*pid, program, channel),
        Order::Orphan { pid } => orphan::leave(*pid, channel),
    }
}

/// Puts the program's streams in the place of ours.
fn take_streams([stdin, stdout, stderr]: [OwnedFd; 3]) -> Result<(), Errno> {
    dup2_stdin(stdin)?;
    dup2_stdout(stdout)?;
    dup2_stderr(stderr)?;
    Ok(())
}
