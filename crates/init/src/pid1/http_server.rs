//! A small server for probes and metrics, over TCP or a socket file: one request for each connection, and init waits for
//! none of them.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd as _, AsRawFd, RawFd};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::Duration;

use boatyard_init::http::LONGEST;
use boatyard_init::probe::Question;

use super::sys::peer::Peer;
use super::sys::poll::For;
use super::sys::process;

/// How many connections are open at most; the oldest goes first.
const MOST: usize = 128;

/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(30);

trait Stream: Read + Write + AsRawFd {}
impl<T: Read + Write + AsRawFd> Stream for T {}

enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
    /// For this user and root alone.
    Private(UnixListener, u32),
}

/// What becomes of a request.
pub enum Reply {
    /// There is more of it to come.
    Incomplete,
    /// This is the answer.
    Now(Vec<u8>),
    /// The answer to this question, which the application has to be asked first.
    Later(Question),
}

/// Listens, and holds the connections; some wait for the answer to a question.
pub struct HttpServer {
    listener: Listener,
    connections: Vec<Connection>,
}

struct Connection {
    stream: Box<dyn Stream>,
    state: State,
    until: Duration,
}

enum State {
    Reading(Vec<u8>),
    Waiting(Question),
    Writing(Vec<u8>),
}

impl HttpServer {
    /// Listens at `HOST:PORT`, `:PORT` or the path of a socket, which is replaced if it is there.
    pub fn new(address: &str) -> io::Result<Self> {
        if !address.starts_with('/') {
            return Self::at(parse(address)?);
        }
        Ok(Self {
            listener: Listener::Unix(bind(Path::new(address))?),
            connections: Vec::new(),
        })
    }

    /// Listens at the path of a socket, which is replaced if it is there, for our own user and root.
    pub fn private(path: &Path) -> io::Result<Self> {
        Ok(Self {
            listener: Listener::Private(bind(path)?, process::user()),
            connections: Vec::new(),
        })
    }

    /// Listens at an address.
    pub fn at(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(Self {
            listener: Listener::Tcp(listener),
            connections: Vec::new(),
        })
    }

    /// Where it listens, if that is no file.
    pub fn address(&self) -> Option<SocketAddr> {
        match &self.listener {
            Listener::Tcp(listener) => listener.local_addr().ok(),
            Listener::Unix(_) | Listener::Private(..) => None,
        }
    }

    /// What to wait for.
    pub fn waits(&self) -> impl Iterator<Item = (RawFd, For)> {
        let listener = match &self.listener {
            Listener::Tcp(listener) => listener.as_raw_fd(),
            Listener::Unix(listener) | Listener::Private(listener, _) => listener.as_raw_fd(),
        };
        let connections = self.connections.iter().filter_map(|connection| {
            let what = match connection.state {
                State::Reading(_) => For::Reading,
                State::Waiting(_) => return None,
                State::Writing(_) => For::Writing,
            };
            Some((connection.stream.as_raw_fd(), what))
        });
        std::iter::once((listener, For::Reading)).chain(connections)
    }

    /// When a connection has taken too long.
    pub fn deadline(&self) -> Option<Duration> {
        self.connections
            .iter()
            .map(|connection| connection.until)
            .min()
    }

    /// Accepts, reads and writes what can be. `reply` judges what was read so far of a request. Gives the questions that
    /// have become known.
    pub fn serve(&mut self, now: Duration, reply: &mut dyn FnMut(&[u8]) -> Reply) -> Vec<Question> {
        while let Some(accepted) = self.accept() {
            // Where no descriptor is left, whoever waits to be accepted would wake us again and again.
            if (accepted.is_err() || self.connections.len() >= MOST) && !self.connections.is_empty()
            {
                self.connections.remove(0);
            }
            let Ok(stream) = accepted else {
                break;
            };
            let Some(stream) = stream else {
                continue;
            };
            self.connections.push(Connection {
                stream,
                state: State::Reading(Vec::new()),
                until: now.saturating_add(PATIENCE),
            });
        }
        let mut questions = Vec::new();
        self.connections.retain_mut(|connection| {
            connection.until > now && connection.goes_on(reply, &mut questions)
        });
        questions
    }

    /// Answers all who have asked this.
    pub fn answer(&mut self, question: Question, answer: &[u8]) {
        self.connections.retain_mut(|connection| {
            if !matches!(&connection.state, State::Waiting(waiting) if *waiting == question) {
                return true;
            }
            connection.state = State::Writing(answer.to_vec());
            connection.writes()
        });
    }

    /// The next connection; `Ok(None)` for one who may not ask, an error where the kernel has no room for it, and nothing where
    /// nobody waits.
    fn accept(&self) -> Option<io::Result<Option<Box<dyn Stream>>>> {
        let accepted = match &self.listener {
            Listener::Tcp(listener) => listener.accept().and_then(|(stream, _)| {
                stream.set_nonblocking(true)?;
                Ok(Some(Box::new(stream) as Box<dyn Stream>))
            }),
            Listener::Unix(listener) => accept(listener, None),
            Listener::Private(listener, owner) => accept(listener, Some(*owner)),
        };
        match accepted {
            Err(error) if waits(&error) => None,
            accepted => Some(accepted),
        }
    }
}

/// The next connection at a socket file, if it is of this user or root.
fn accept(listener: &UnixListener, owner: Option<u32>) -> io::Result<Option<Box<dyn Stream>>> {
    let (stream, _) = listener.accept()?;
    stream.set_nonblocking(true)?;
    let is_theirs =
        |owner: u32| Peer::of(stream.as_fd()).is_some_and(|peer| [owner, 0].contains(&peer.uid));
    Ok(owner
        .is_none_or(is_theirs)
        .then(|| Box::new(stream) as Box<dyn Stream>))
}

/// Listens at a path; what an init before us left is replaced, anything but a socket stays.
fn bind(path: &Path) -> io::Result<UnixListener> {
    if is_socket(path) {
        std::fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

impl Connection {
    /// Reads and writes what can be; whether there is more to come.
    fn goes_on(
        &mut self,
        reply: &mut dyn FnMut(&[u8]) -> Reply,
        questions: &mut Vec<Question>,
    ) -> bool {
        while let State::Reading(request) = &mut self.state {
            let mut buffer = [0; LONGEST];
            match self.stream.read(&mut buffer) {
                Ok(0) => return false,
                Ok(count) => request.extend_from_slice(buffer.get(..count).unwrap_or_default()),
                Err(error) => return waits(&error),
            }
            match reply(request) {
                Reply::Incomplete => {}
                Reply::Now(answer) => self.state = State::Writing(answer),
                Reply::Later(question) => {
                    questions.push(question);
                    self.state = State::Waiting(question);
                }
            }
        }
        self.writes()
    }

    /// Writes what can be; whether there is more to come.
    fn writes(&mut self) -> bool {
        while let State::Writing(rest) = &mut self.state {
            match self.stream.write(rest) {
                Ok(count) => {
                    rest.drain(..count.min(rest.len()));
                    if rest.is_empty() {
                        return false;
                    }
                }
                Err(error) => return waits(&error),
            }
        }
        true
    }
}

fn waits(error: &io::Error) -> bool {
    [ErrorKind::WouldBlock, ErrorKind::Interrupted].contains(&error.kind())
}

fn is_socket(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    std::fs::metadata(path).is_ok_and(|found| found.file_type().is_socket())
}

/// No host is all of them: the kubelet asks from outside.
fn parse(address: &str) -> io::Result<SocketAddr> {
    let text = match address.strip_prefix(':') {
        Some(port) => format!("0.0.0.0:{port}"),
        None => address.to_owned(),
    };
    text.parse().map_err(|_| {
        io::Error::new(
            ErrorKind::InvalidInput,
            "not of the form HOST:PORT, :PORT or /PATH",
        )
    })
}
