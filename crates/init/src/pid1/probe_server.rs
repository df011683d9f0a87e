//! Where probes come in: connections over TCP or a socket file, none of which init waits for.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::Duration;

use boatyard_init::probe::{LONGEST, Progress, Question, answer, read};

use super::sys::poll::For;

/// How many connections are open at most; the oldest goes first.
const MOST: usize = 128;

/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(30);

trait Stream: Read + Write + AsRawFd {}
impl<T: Read + Write + AsRawFd> Stream for T {}

enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// Listens, and holds the connections.
pub struct ProbeServer {
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

impl ProbeServer {
    /// Listens at `HOST:PORT`, `:PORT` or the path of a socket, which is replaced if it is there.
    pub fn new(address: &str) -> io::Result<Self> {
        let listener = if address.starts_with('/') {
            // What an init before us left; anything but a socket stays.
            if is_socket(Path::new(address)) {
                std::fs::remove_file(address)?;
            }
            let listener = UnixListener::bind(address)?;
            listener.set_nonblocking(true)?;
            Listener::Unix(listener)
        } else {
            let listener = TcpListener::bind(parse(address)?)?;
            listener.set_nonblocking(true)?;
            Listener::Tcp(listener)
        };
        Ok(Self {
            listener,
            connections: Vec::new(),
        })
    }

    /// What to wait for.
    pub fn waits(&self) -> Vec<(RawFd, For)> {
        let listener = match &self.listener {
            Listener::Tcp(listener) => listener.as_raw_fd(),
            Listener::Unix(listener) => listener.as_raw_fd(),
        };
        let connections = self.connections.iter().filter_map(|connection| {
            let what = match connection.state {
                State::Reading(_) => For::Reading,
                State::Waiting(_) => return None,
                State::Writing(_) => For::Writing,
            };
            Some((connection.stream.as_raw_fd(), what))
        });
        [(listener, For::Reading)]
            .into_iter()
            .chain(connections)
            .collect()
    }

    /// When a connection has taken too long.
    pub fn deadline(&self) -> Option<Duration> {
        self.connections
            .iter()
            .map(|connection| connection.until)
            .min()
    }

    /// Accepts and reads what is there. Gives the questions that have become known.
    pub fn take(&mut self, now: Duration) -> Vec<Question> {
        while let Some(stream) = self.accept() {
            if self.connections.len() >= MOST {
                self.connections.remove(0);
            }
            self.connections.push(Connection {
                stream,
                state: State::Reading(Vec::new()),
                until: now.saturating_add(PATIENCE),
            });
        }
        let mut questions = Vec::new();
        self.connections
            .retain_mut(|connection| connection.until > now && connection.goes_on(&mut questions));
        questions
    }

    /// Answers all who have asked this.
    pub fn answer(&mut self, question: Question, status: u16) {
        self.connections.retain_mut(|connection| {
            if matches!(connection.state, State::Waiting(waiting) if waiting == question) {
                connection.state = State::Writing(answer(status));
                return connection.goes_on(&mut Vec::new());
            }
            true
        });
    }

    fn accept(&self) -> Option<Box<dyn Stream>> {
        match &self.listener {
            Listener::Tcp(listener) => {
                let (stream, _) = listener.accept().ok()?;
                stream.set_nonblocking(true).ok()?;
                Some(Box::new(stream))
            }
            Listener::Unix(listener) => {
                let (stream, _) = listener.accept().ok()?;
                stream.set_nonblocking(true).ok()?;
                Some(Box::new(stream))
            }
        }
    }
}

impl Connection {
    /// Reads and writes what can be; whether there is more to come.
    fn goes_on(&mut self, questions: &mut Vec<Question>) -> bool {
        loop {
            match &mut self.state {
                State::Waiting(_) => return true,
                State::Reading(request) => {
                    let mut buffer = [0; LONGEST];
                    match self.stream.read(&mut buffer) {
                        Ok(0) => return false,
                        Ok(count) => {
                            request.extend_from_slice(buffer.get(..count).unwrap_or_default());
                        }
                        Err(error) => return waits(&error),
                    }
                    match read(request) {
                        Progress::Incomplete => {}
                        Progress::Asked(question) => {
                            questions.push(question);
                            self.state = State::Waiting(question);
                        }
                        Progress::Refused(status) => self.state = State::Writing(answer(status)),
                    }
                }
                State::Writing(rest) => match self.stream.write(rest) {
                    Ok(count) => {
                        rest.drain(..count.min(rest.len()));
                        if rest.is_empty() {
                            return false;
                        }
                    }
                    Err(error) => return waits(&error),
                },
            }
        }
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
