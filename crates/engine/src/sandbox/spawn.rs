//! Our side of the start: the helper process and its order.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command};

use rustix::fs::{MemfdFlags, memfd_create};

use super::channel::Channel;
use super::error::SandboxError;
use super::order::{Answer, HELPER_ARGUMENT, Identities, Isolation, Order};
use super::running::Running;
use super::spec::{Program, Spec};
use crate::host::{self, Host};

/// One of a program's standard streams.
#[derive(Debug)]
pub enum Stdio {
    /// The same as ours.
    Inherit,
    /// `/dev/null` of this machine.
    Null,
    /// This descriptor, e.g. one end of [`std::io::pipe`].
    Descriptor(OwnedFd),
}

impl Stdio {
    fn into_descriptor(self, ours: BorrowedFd<'_>) -> io::Result<OwnedFd> {
        match self {
            Self::Inherit => ours.try_clone_to_owned(),
            Self::Null => Ok(File::options()
                .read(true)
                .write(true)
                .open("/dev/null")?
                .into()),
            Self::Descriptor(descriptor) => Ok(descriptor),
        }
    }
}

impl<T: Into<OwnedFd>> From<T> for Stdio {
    fn from(descriptor: T) -> Self {
        Self::Descriptor(descriptor.into())
    }
}

/// Starts sandboxes.
#[derive(Clone, Debug)]
pub struct Sandbox {
    /// The binary that calls [`super::helper_main_if_asked`] first: by default the one that runs now.
    pub helper: PathBuf,
}

impl Default for Sandbox {
    fn default() -> Self {
        Self {
            helper: PathBuf::from("/proc/self/exe"),
        }
    }
}

impl Sandbox {
    /// Starts a program in a new sandbox; returns once it has been executed. Input, output and error output are
    /// `stdio`, in this order. May be called from any thread.
    pub fn spawn(
        &self,
        host: &Host,
        spec: &Spec,
        stdio: [Stdio; 3],
    ) -> Result<Running, SandboxError> {
        let isolation = match host.isolation {
            host::Isolation::Namespaces => Isolation::Namespaces,
            host::Isolation::Chroot => Isolation::Chroot,
        };
        let identities = match host.privilege {
            host::Privilege::Single => Identities::Single,
            host::Privilege::Root | host::Privilege::Mapped { .. } | host::Privilege::Confined => {
                Identities::Many
            }
        };
        self.carry_out(
            &Order::Start {
                spec: Box::new(spec.clone()),
                isolation,
                identities,
            },
            stdio,
        )
    }

    /// Starts one more program in the sandbox whose PID 1 is `pid` (as seen here). Works for the user who started the
    /// sandbox, from a process that has not called [`host::enter`] too, and needs root for anybody else's.
    pub fn join(
        &self,
        pid: i32,
        program: &Program,
        stdio: [Stdio; 3],
    ) -> Result<Running, SandboxError> {
        self.carry_out(
            &Order::Join {
                pid,
                program: program.clone(),
            },
            stdio,
        )
    }

    /// Leaves a process called [`super::ORPHAN`] without a parent in the sandbox whose PID 1 is `pid` (as seen here): that
    /// becomes its parent, and has to reap it. It does nothing for a minute unless it is killed. Needs namespaces.
    pub fn orphan(&self, pid: i32) -> Result<(), SandboxError> {
        let nothing = [Stdio::Null, Stdio::Null, Stdio::Null];
        self.carry_out(&Order::Orphan { pid }, nothing)?
            .wait()
            .map(|_| ())
    }

    fn carry_out(&self, order: &Order, stdio: [Stdio; 3]) -> Result<Running, SandboxError> {
        let channel_error = |error: io::Error| SandboxError::Channel {
            cause: error.into(),
        };
        let (ours, theirs) = Channel::pair().map_err(channel_error)?;
        let helper = self.start_helper(theirs)?;
        let starting = Starting {
            parts: Some((helper, ours)),
        };
        let command = order.command().to_owned();
        let answer = send_order(starting.channel(), order, stdio)
            .and_then(|()| starting.channel().receive());
        match answer {
            Ok(Some((Answer::Started { pid }, descriptors))) => {
                let Some(pidfd) = descriptors.into_iter().next() else {
                    return Err(SandboxError::Lost { command });
                };
                let (helper, channel) = starting.finish();
                Ok(Running::new(pid, pidfd, channel, helper))
            }
            Ok(Some((Answer::Failed { error }, _))) => Err(error),
            Ok(Some((Answer::Exited { .. }, _)) | None) => Err(match starting.killed_by() {
                Some(signal) => SandboxError::Killed { signal },
                None => SandboxError::Lost { command },
            }),
            Err(error) => Err(match starting.killed_by() {
                Some(signal) => SandboxError::Killed { signal },
                None => channel_error(error),
            }),
        }
    }

    fn start_helper(&self, channel: Channel) -> Result<Child, SandboxError> {
        // Only the helper's name and its standard input are passed: with no other wish the standard library uses
        // posix_spawn, which does not copy our page tables. Standard error stays ours for panics of the helper.
        Command::new(&self.helper)
            .arg(HELPER_ARGUMENT)
            .env_clear()
            .stdin(channel.into_descriptor())
            .spawn()
            .map_err(|error| SandboxError::Start {
                helper: self.helper.clone(),
                cause: error.into(),
            })
    }
}

/// A helper that has not started its program yet. Dropped, it is told to give up, and reaped.
struct Starting {
    parts: Option<(Child, Channel)>,
}

impl Starting {
    fn channel(&self) -> &Channel {
        &self
            .parts
            .as_ref()
            .expect("taken by finish only, which consumes self")
            .1
    }

    /// Waits for the end of a helper that says no more; the signal that ended it.
    fn killed_by(self) -> Option<i32> {
        let (mut helper, channel) = self.finish();
        drop(channel);
        helper.wait().ok()?.signal()
    }

    fn finish(mut self) -> (Child, Channel) {
        self.parts.take().expect("taken once, here")
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        if let Some((mut helper, channel)) = self.parts.take() {
            drop(channel);
            let _ = helper.wait();
        }
    }
}

fn send_order(channel: &Channel, order: &Order, streams: [Stdio; 3]) -> io::Result<()> {
    let mut memory = File::from(memfd_create("boatyard-order", MemfdFlags::CLOEXEC)?);
    serde_json::to_writer(io::BufWriter::new(&memory), order)?;
    memory.flush()?;
    memory.rewind()?;
    // Our ends of pipes are closed when this returns: the program's end is then the end of its output.
    let streams = streams
        .into_iter()
        .zip([
            io::stdin().as_fd(),
            io::stdout().as_fd(),
            io::stderr().as_fd(),
        ])
        .map(|(stream, ours)| stream.into_descriptor(ours))
        .collect::<io::Result<Vec<OwnedFd>>>()?;
    let descriptors: Vec<BorrowedFd<'_>> = [memory.as_fd()]
        .into_iter()
        .chain(streams.iter().map(AsFd::as_fd))
        .collect();
    channel.send(&(), &descriptors)
}
