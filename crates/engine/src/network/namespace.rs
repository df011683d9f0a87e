//! A network namespace: made, kept by a descriptor, entered by threads.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::path::PathBuf;
use std::sync::Arc;

use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space};

use super::error::NetworkError;
use crate::host::{Host, Networks};
use crate::sys;

/// A network with nothing but loopback. Lives as long as a clone of this or a process inside.
#[derive(Clone, Debug)]
pub struct Namespace {
    file: Arc<File>,
}

impl Namespace {
    /// Makes a new one, with loopback up. Refuses where the host permits none.
    pub fn new(host: &Host) -> Result<Self, NetworkError> {
        if host.network == Networks::Host {
            return Err(NetworkError::Create {
                cause: io::ErrorKind::PermissionDenied.into(),
            });
        }
        let create = || -> io::Result<File> {
            sys::namespace::unshare(UnshareFlags::NEWNET)?;
            sys::network::loopback_up()?;
            File::open("/proc/thread-self/ns/net")
        };
        let file = on_a_thread(create).and_then(|file| file);
        Ok(Self {
            file: Arc::new(file.map_err(|cause| NetworkError::Create { cause })?),
        })
    }

    /// The one that a process is in. Only its owner (root, or who made it) can enter it.
    pub fn of_process(pid: i32) -> Result<Self, NetworkError> {
        let file = File::open(format!("/proc/{pid}/ns/net"));
        Ok(Self {
            file: Arc::new(file.map_err(|cause| NetworkError::Enter { cause })?),
        })
    }

    /// Its file, for [`crate::sandbox::Network::Join`]. Valid while this value and this process live.
    pub fn path(&self) -> PathBuf {
        PathBuf::from(format!(
            "/proc/{}/fd/{}",
            std::process::id(),
            self.file.as_raw_fd()
        ))
    }

    /// Does some work on a thread inside: sockets that it makes belong to this network, wherever they are used later.
    pub fn run_inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, NetworkError> {
        on_a_thread(|| self.enter().map(|()| work()))
            .and_then(|outcome| outcome)
            .map_err(|cause| NetworkError::Enter { cause })
    }

    /// Moves the calling thread inside, for good.
    pub(super) fn enter(&self) -> io::Result<()> {
        Ok(move_into_link_name_space(
            self.file.as_fd(),
            Some(LinkNameSpaceType::Network),
        )?)
    }
}

/// Runs something on a thread of its own, whose namespaces nobody will miss.
fn on_a_thread<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("network".to_owned())
            .spawn_scoped(scope, work)?;
        thread
            .join()
            .map_err(|panic| std::panic::resume_unwind(panic))
    })
}
