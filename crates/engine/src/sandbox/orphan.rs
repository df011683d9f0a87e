//! A process that its parent leaves behind in a sandbox: whether PID 1 reaps it says whether zombies pile up there.
//!
//! It is a fork of the helper and executes nothing, so an image without any program can be asked, too.

use std::convert::Infallible;
use std::time::Duration;

use rustix::process::{DumpableBehavior, set_dumpable_behavior};

use super::channel::Channel;
use super::error::{Errno, SandboxError};
use super::join;
use super::supervise::{self, Left};
use crate::sys::process::{Forked, end_without_descriptors, exit, fork};

/// What the process is called.
pub const NAME: &str = "boatyard-orphan";

/// How long it lives if nobody kills it.
const LIFE: Duration = Duration::from_secs(60);

/// Leaves one in the sandbox whose PID 1 is `pid`, and tells the channel how that went.
pub(super) fn leave(pid: i32, channel: &Channel) -> Result<(), SandboxError> {
    join::enter_all(pid)?;
    supervise::run(channel, Left::Namespace, |_| {
        fork_twice().map_err(|cause| SandboxError::Join { pid, cause })
    })
}

/// In a child of the helper: forks and ends, so that the grandchild is left.
fn fork_twice() -> Result<Infallible, Errno> {
    // It is our binary that runs there: nobody inside may open it by way of /proc (proc(5), ptrace(2)).
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    let name = std::ffi::CString::new(NAME).expect("no NUL in it");
    rustix::thread::set_name(&name)?;
    match fork()? {
        Forked::Parent(_) => exit(0),
        Forked::Child => end_without_descriptors(|| {
            std::thread::sleep(LIFE);
            0
        }),
    }
}
