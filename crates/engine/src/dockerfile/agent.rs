//! An ssh agent's socket for one command: `RUN --mount=type=ssh`.
//!
//! The command does not see the agent's own socket, which only its owner can use, but one of ours with the owner and
//! the permissions that the mount asks for. What is said there is passed on.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::Shutdown;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

/// The agents that were given: where the socket of each is, by name.
pub type Agents = BTreeMap<String, PathBuf>;

/// Passes on to an agent until dropped.
pub(super) struct Passage {
    /// Our socket.
    pub(super) socket: PathBuf,
    over: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

/// As whom the command may use it.
#[derive(Clone, Copy)]
pub(super) struct Owner {
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) mode: u32,
}

impl Passage {
    /// Opens a socket in `folder` that leads to the one at `agent`.
    pub(super) fn open(agent: &Path, folder: &Path, owner: Owner) -> io::Result<Self> {
        let socket = folder.join("agent");
        // The address of a socket is short (unix(7)); the folder's own may not be.
        let short = fs::File::open(folder)?;
        let address = format!("/proc/self/fd/{}/agent", short.as_raw_fd());
        let listener = UnixListener::bind(&address)?;
        // With one identity around us everything is root's.
        let _ = chown(&socket, Some(owner.uid), Some(owner.gid));
        fs::set_permissions(&socket, fs::Permissions::from_mode(owner.mode))?;
        let over = Arc::new(AtomicBool::new(false));
        let (agent, stop) = (agent.to_path_buf(), Arc::clone(&over));
        let listening = thread::spawn(move || {
            for caller in listener.incoming().map_while(Result::ok) {
                if stop.load(Ordering::Acquire) {
                    return;
                }
                // An agent that is gone is told by a closed connection.
                if let Ok(agent) = UnixStream::connect(&agent) {
                    thread::spawn(move || pass(&caller, &agent));
                }
            }
        });
        Ok(Self {
            socket,
            over,
            listening: Some(listening),
        })
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        let folder = self
            .socket
            .parent()
            .and_then(|folder| fs::File::open(folder).ok());
        // Wakes the listener, which then sees that it is over.
        let woken = folder.is_some_and(|folder| {
            UnixStream::connect(format!("/proc/self/fd/{}/agent", folder.as_raw_fd())).is_ok()
        });
        if let (true, Some(listening)) = (woken, self.listening.take()) {
            let _ = listening.join();
        }
        let _ = fs::remove_file(&self.socket);
    }
}

/// Passes both ways until both sides have ended.
fn pass(one: &UnixStream, other: &UnixStream) {
    let one_way = |mut from: &UnixStream, mut to: &UnixStream| {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    };
    thread::scope(|scope| {
        scope.spawn(|| one_way(one, other));
        one_way(other, one);
    });
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    #[test]
    fn what_is_said_is_passed_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let agent = folder.path().join("the-agent");
        let listener = UnixListener::bind(&agent).expect("bound");
        let answering = thread::spawn(move || {
            let (mut caller, _) = listener.accept().expect("a caller");
            let mut asked = [0; 4];
            caller.read_exact(&mut asked).expect("a question");
            caller.write_all(b"pong").expect("answered");
            asked
        });
        let owner = Owner {
            uid: rustix::process::getuid().as_raw(),
            gid: rustix::process::getgid().as_raw(),
            mode: 0o600,
        };
        let passage = Passage::open(&agent, folder.path(), owner).expect("open");
        let mut stream = UnixStream::connect(&passage.socket).expect("connected");
        stream.write_all(b"ping").expect("asked");
        let mut answer = [0; 4];
        stream.read_exact(&mut answer).expect("an answer");
        assert_eq!(
            (&answer, &answering.join().expect("asked")),
            (b"pong", b"ping")
        );
        drop(stream);
        let socket = passage.socket.clone();
        drop(passage);
        assert!(!socket.exists());
    }
}
