//! A small server for probes and metrics: one request for each connection, never waiting for anybody.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd as _, RawFd};
use std::time::Duration;

use super::sys::clock;
use super::sys::poll::For;

/// How many connections are open at most; the oldest goes first.
const MOST: usize = 32;

/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Listens at one address.
pub struct Server {
    listener: TcpListener,
    connections: Vec<Connection>,
}

struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Option<Vec<u8>>,
    until: Duration,
}

impl Server {
    /// Listens.
    pub fn new(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(Self {
            listener,
            connections: Vec::new(),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// What to wait for.
    pub fn waits(&self) -> impl Iterator<Item = (RawFd, For)> {
        let connections = self.connections.iter().map(|connection| {
            let what = if connection.answer.is_some() {
                For::Writing
            } else {
                For::Reading
            };
            (connection.stream.as_raw_fd(), what)
        });
        std::iter::once((self.listener.as_raw_fd(), For::Reading)).chain(connections)
    }

    /// When a connection has taken too long.
    pub fn deadline(&self) -> Option<Duration> {
        self.connections
            .iter()
            .map(|connection| connection.until)
            .min()
    }

    /// Does what can be done now. `answer` gives the answer to what was read so far, none while it is not complete.
    pub fn serve(&mut self, answer: impl Fn(&[u8]) -> Option<Vec<u8>>) {
        let now = clock::now();
        while let Ok((stream, _)) = self.listener.accept() {
            if stream.set_nonblocking(true).is_ok() {
                if self.connections.len() >= MOST {
                    self.connections.remove(0);
                }
                self.connections.push(Connection {
                    stream,
                    request: Vec::new(),
                    answer: None,
                    until: now.saturating_add(PATIENCE),
                });
            }
        }
        self.connections
            .retain_mut(|connection| connection.until > now && connection.goes_on(&answer));
    }
}

impl Connection {
    fn goes_on(&mut self, answer: impl Fn(&[u8]) -> Option<Vec<u8>>) -> bool {
        if self.answer.is_none() {
            let mut buffer = [0; 1024];
            match self.stream.read(&mut buffer) {
                Ok(0) => return false,
                Ok(count) => self
                    .request
                    .extend_from_slice(buffer.get(..count).unwrap_or_default()),
                Err(error) => return error.kind() == ErrorKind::WouldBlock,
            }
            self.answer = answer(&self.request);
        }
        let Some(rest) = &mut self.answer else {
            return true;
        };
        match self.stream.write(rest) {
            Ok(count) => {
                rest.drain(..count.min(rest.len()));
                !rest.is_empty()
            }
            Err(error) => error.kind() == ErrorKind::WouldBlock,
        }
    }
}
