//! Whether something answers, asked from inside a network.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use thiserror::Error;

use super::error::NetworkError;
use super::namespace::Namespace;

/// Most of an answer that is looked at, bytes: the status line is in it.
const LONGEST_STATUS: usize = 1024;

/// Why a probe got no answer.
#[derive(Debug, Error)]
pub enum ProbeError {
    /// The network could not be entered.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// Nothing accepts connections.
    #[error("nothing accepts connections on port {port}")]
    Connect {
        /// Port.
        port: u16,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// It accepts, and then does not answer.
    #[error("port {port} accepts connections and does not answer")]
    Answer {
        /// Port.
        port: u16,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// It answers, but not as HTTP.
    #[error("port {port} does not answer in HTTP")]
    NotHttp {
        /// Port.
        port: u16,
    },
}

/// Whether something accepts connections on a port of loopback; inside a namespace, or here.
pub fn tcp(inside: Option<&Namespace>, port: u16, timeout: Duration) -> Result<(), ProbeError> {
    connect(inside, port, timeout).map(drop)
}

/// The status that `GET path` answers with.
pub fn http(
    inside: Option<&Namespace>,
    port: u16,
    path: &str,
    timeout: Duration,
) -> Result<u16, ProbeError> {
    let deadline = Instant::now() + timeout;
    let mut stream = connect(inside, port, timeout)?;
    let answer = ask(&mut stream, port, path, deadline)
        .map_err(|cause| ProbeError::Answer { port, cause })?;
    status(&answer).ok_or(ProbeError::NotHttp { port })
}

fn ask(stream: &mut TcpStream, port: u16, path: &str, deadline: Instant) -> io::Result<Vec<u8>> {
    // HTTP/1.0, so that nobody keeps the connection; a name, because frameworks check it.
    let request = format!(
        "GET {path} HTTP/1.0\r\nHost: localhost:{port}\r\nUser-Agent: boatyard-probe\r\nAccept: */*\r\n\r\n"
    );
    stream.set_write_timeout(Some(left(deadline)?))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    while answer.len() < LONGEST_STATUS && !answer.contains(&b'\n') {
        stream.set_read_timeout(Some(left(deadline)?))?;
        let mut chunk = [0; LONGEST_STATUS];
        match stream.read(&mut chunk)? {
            0 => break,
            count => answer.extend_from_slice(&chunk[..count]),
        }
    }
    Ok(answer)
}

fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        Err(io::ErrorKind::TimedOut.into())
    } else {
        Ok(left)
    }
}

/// The number in a status line (RFC 9112, section 4).
fn status(answer: &[u8]) -> Option<u16> {
    let line = answer.split(|byte| *byte == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.split_ascii_whitespace();
    words
        .next()
        .filter(|version| version.starts_with("HTTP/"))?;
    words
        .next()?
        .parse()
        .ok()
        .filter(|status| (100..600).contains(status))
}

fn connect(
    inside: Option<&Namespace>,
    port: u16,
    timeout: Duration,
) -> Result<TcpStream, ProbeError> {
    let both = || {
        let addresses = [
            IpAddr::from(Ipv4Addr::LOCALHOST),
            IpAddr::from(Ipv6Addr::LOCALHOST),
        ];
        let [first, second] = addresses.map(|address| SocketAddr::new(address, port));
        // The first refusal is the one worth telling.
        TcpStream::connect_timeout(&first, timeout)
            .or_else(|error| TcpStream::connect_timeout(&second, timeout).map_err(|_| error))
    };
    let connected = match inside {
        Some(namespace) => namespace.run_inside(both)?,
        None => both(),
    };
    connected.map_err(|cause| ProbeError::Connect { port, cause })
}

#[cfg(test)]
mod tests {
    use super::status;

    #[test]
    fn a_status_line_is_understood() {
        assert_eq!(status(b"HTTP/1.1 200 OK\r\nServer: x\r\n"), Some(200));
        assert_eq!(status(b"HTTP/1.0 503\r\n"), Some(503));
        assert_eq!(status(b"SSH-2.0-OpenSSH\r\n"), None);
        assert_eq!(status(b"HTTP/1.1 abc\r\n"), None);
        assert_eq!(status(b"HTTP/1.1 9\r\n"), None);
        assert_eq!(status(b""), None);
    }
}
