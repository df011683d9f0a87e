//! One process tree in its own root: what runs build steps and containers.
//!
//! ```no_run
//! # use boatyard_engine::{host, sandbox::{self, Program, Sandbox, Spec, Stdio}};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! sandbox::helper_main_if_asked(); // first thing in main
//! let host = host::enter(&host::Options::default())?;
//! let spec = Spec::new("/path/to/root", Program::new(["sh", "-c", "echo hello"]));
//! let mut running = Sandbox::default().spawn(&host, &spec, [Stdio::Null, Stdio::Inherit, Stdio::Inherit])?;
//! let exit = running.wait()?;
//! # Ok(()) }
//! ```
//!
//! Namespaces must be made by a process with one thread, and we have many. So [`Sandbox::spawn`] starts this binary
//! again as a helper; [`helper_main_if_asked`] takes over there. A socket is its standard input: over it go the order
//! (JSON in memory) and the three real streams, and back come what happened and how it ended. When the socket closes,
//! because we dropped it or were killed, the helper kills the sandbox; when the helper is killed, the kernel does.
//!
//! ```text
//! boatyard --socket--> helper --fork--> PID 1 --exec--> program
//!                      new pid,ipc,uts,net  new mnt, pivot_root, user, capabilities, seccomp
//! ```

mod capability;
mod channel;
mod chroot;
mod command;
mod device;
mod device_folder;
mod error;
mod filter;
mod helper;
mod identity;
mod init;
mod join;
mod limit;
mod modified;
mod mount;
mod mount_point;
mod order;
mod orphan;
mod place;
mod running;
mod spawn;
mod spec;
mod start;
mod supervise;

pub use error::{Errno, SandboxError};
pub use helper::helper_main_if_asked;
pub use limit::permitted;
pub use orphan::NAME as ORPHAN;
pub use place::recover;
pub use running::{Exit, Handle, Running};
pub use rustix::process::Signal;
pub use spawn::{Sandbox, Stdio};
pub use spec::{Bind, Caps, DEFAULT_PATH, Network, Program, ShownFile, Spec, Tmpfs, User};
