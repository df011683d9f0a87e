//! What goes wrong around a sandbox. The same type crosses the pipe from the helper, so causes are error numbers.

use std::io;
use std::path::PathBuf;

use boatyard_plan::failure::{Failure, Fault};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An error number of the kernel, errno(3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errno(pub i32);

impl std::fmt::Display for Errno {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        io::Error::from_raw_os_error(self.0).fmt(out)
    }
}

impl std::error::Error for Errno {}

impl Errno {
    /// Whether the machine had too little of something: files, memory, processes.
    fn is_shortage(self) -> bool {
        let shortages = [
            libc::EMFILE,
            libc::ENFILE,
            libc::ENOMEM,
            libc::ENOBUFS,
            libc::EAGAIN,
            libc::ENOSPC,
            libc::ETOOMANYREFS,
        ];
        shortages.contains(&self.0)
    }

    /// Whether the kernel does not have the call, or may not let us make it.
    fn is_refusal(self) -> bool {
        [libc::ENOSYS, libc::EPERM, libc::EACCES].contains(&self.0)
    }
}

impl From<io::Error> for Errno {
    fn from(error: io::Error) -> Self {
        Self(error.raw_os_error().unwrap_or(libc::EIO))
    }
}

impl From<rustix::io::Errno> for Errno {
    fn from(error: rustix::io::Errno) -> Self {
        Self(error.raw_os_error())
    }
}

/// What a sandbox could not do.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum SandboxError {
    /// The helper process did not start.
    #[error("cannot start the sandbox helper {helper}", helper = helper.display())]
    Start {
        /// Its program.
        helper: PathBuf,
        /// Why.
        #[source]
        cause: Errno,
    },
    /// The helper died, or what it said makes no sense.
    #[error("the sandbox helper ended before it had started {command:?}")]
    Lost {
        /// First word of the program's line.
        command: String,
    },
    /// Something killed the helper.
    #[error("signal {signal} ended the sandbox helper")]
    Killed {
        /// Number of the signal.
        signal: i32,
    },
    /// A mount point that was made for the run could not be removed after it.
    #[error("cannot remove the mount point {name} again", name = name.display())]
    Leftover {
        /// Its last name.
        name: PathBuf,
        /// Why.
        #[source]
        cause: Errno,
    },
    /// Talking to the helper failed.
    #[error("cannot talk to the sandbox helper")]
    Channel {
        /// Why.
        #[source]
        cause: Errno,
    },
    /// A namespace could not be made.
    #[error("cannot create the namespaces of the sandbox ({which})")]
    Namespaces {
        /// Their kernel names.
        which: String,
        /// Why.
        #[source]
        cause: Errno,
    },
    /// A network namespace could not be entered.
    #[error("cannot join the network namespace {path}", path = path.display())]
    Network {
        /// Its file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: Errno,
    },
    /// The root could not be prepared or entered.
    #[error("cannot make {root} the root of the sandbox", root = root.display())]
    Root {
        /// The folder.
        root: PathBuf,
        /// Why.
        #[source]
        cause: Errno,
    },
    /// A mount point could not be found or created.
    #[error("cannot create the mount point {target} in the root", target = target.display())]
    MountPoint {
        /// Inside the root.
        target: PathBuf,
        /// Why.
        #[source]
        cause: Errno,
    },
    /// One of the file systems that every sandbox has could not be mounted.
    #[error("cannot mount {kind} at {target}", target = target.display())]
    Mount {
        /// Kind of file system, or what is shown.
        kind: String,
        /// Inside the root.
        target: PathBuf,
        /// Why.
        #[source]
        cause: Errno,
    },
    /// A file or folder of this machine could not be shown inside.
    #[error("cannot show {source_path} at {target}", source_path = source_path.display(), target = target.display())]
    Bind {
        /// Here.
        source_path: PathBuf,
        /// Inside the root.
        target: PathBuf,
        /// Why.
        #[source]
        cause: Errno,
    },
    /// The user could not be taken on.
    #[error("cannot become user {uid}, group {gid} in the sandbox")]
    Identity {
        /// User.
        uid: u32,
        /// Group.
        gid: u32,
        /// Why.
        #[source]
        cause: Errno,
    },
    /// A restriction could not be put on.
    #[error("cannot restrict the sandbox ({what})")]
    Confine {
        /// Capabilities, seccomp, ...
        what: String,
        /// Why.
        #[source]
        cause: Errno,
    },
    /// The working directory cannot be entered.
    #[error("cannot enter the working directory {cwd}", cwd = cwd.display())]
    Directory {
        /// Inside the root.
        cwd: PathBuf,
        /// Why.
        #[source]
        cause: Errno,
    },
    /// There is no such program.
    #[error("command not found: {command}{}", searched(path.as_deref()))]
    CommandNotFound {
        /// As it was asked for.
        command: String,
        /// `PATH`, if it was searched.
        path: Option<String>,
    },
    /// There is such a file, but it cannot be executed.
    #[error("cannot execute {command}")]
    CommandNotExecutable {
        /// As it was asked for.
        command: String,
        /// Why.
        #[source]
        cause: Errno,
    },
    /// The sandbox to join is gone or is not ours.
    #[error("cannot enter the container of process {pid}")]
    Join {
        /// Its PID 1, as seen here.
        pid: i32,
        /// Why.
        #[source]
        cause: Errno,
    },
}

fn searched(path: Option<&str>) -> String {
    path.map(|path| format!(" (searched {path})"))
        .unwrap_or_default()
}

impl SandboxError {
    /// The exit code that shells and `docker run` give this failure: 127 for a missing command, 126 for one that
    /// cannot be executed; none for what is not the command's fault.
    pub fn command_exit_code(&self) -> Option<u8> {
        match self {
            Self::CommandNotFound { .. } => Some(127),
            Self::CommandNotExecutable { .. } => Some(126),
            _ => None,
        }
    }
}

impl Failure for SandboxError {
    fn fault(&self) -> Fault {
        match self {
            Self::CommandNotFound { .. }
            | Self::CommandNotExecutable { .. }
            | Self::Directory { .. } => Fault::Work,
            Self::Bind {
                cause: Errno(libc::ENOENT),
                ..
            } => Fault::User,
            Self::Channel { cause } if cause.is_shortage() || cause.is_refusal() => Fault::Refused,
            Self::Lost { .. } | Self::Channel { .. } => Fault::Bug,
            _ => Fault::Refused,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            Self::CommandNotFound { path: Some(_), .. } => {
                "install it in the image, or give its path from the root"
            }
            Self::CommandNotFound { path: None, .. } => {
                "if the file is there, the interpreter or loader it names is not"
            }
            Self::CommandNotExecutable {
                cause: Errno(libc::ENOEXEC),
                ..
            } => {
                "a script needs a first line such as #!/bin/sh; a binary must be made for this machine's processor"
            }
            Self::CommandNotExecutable { .. } => {
                "check its permissions (chmod +x) and the user it runs as"
            }
            Self::Directory { .. } => "create it in the image, or set another working directory",
            Self::MountPoint {
                cause: Errno(libc::EROFS),
                ..
            } => "the root is read-only: create it in the image",
            Self::Bind {
                cause: Errno(libc::EBUSY),
                ..
            } => {
                "another container has it: without mounts a writable folder has one user at a time"
            }
            Self::Bind {
                cause: Errno(libc::EXDEV),
                ..
            } => {
                "without mounts a writable folder is moved into the container: keep it on the file system of the store"
            }
            Self::Bind {
                cause: Errno(libc::ENOENT),
                ..
            } => "create it first, or take it out of the project",
            Self::Join { .. } => {
                "see what runs with \"boatyard ps\"; only the user who started it can enter it"
            }
            Self::Killed { .. } => {
                "the kernel kills processes when memory is short: its log (\"dmesg\") tells"
            }
            Self::Start { cause, .. } | Self::Channel { cause } if cause.is_shortage() => {
                "this machine is short of memory, processes or open files: build fewer images at once (\"--jobs\"), or raise \
                 its limits (\"ulimit -a\" shows them)"
            }
            Self::Channel { cause } if cause.is_refusal() => {
                "run \"boatyard doctor\" to see what this machine permits"
            }
            Self::Start { .. } | Self::Lost { .. } | Self::Channel { .. } => return None,
            _ => "run \"boatyard doctor\" to see what this machine permits",
        };
        Some(help.to_owned())
    }
}
