//! Looking up names: the C library's resolver loads parts of itself, which a static program cannot.

use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use boatyard_init::resolve::{self, Config, Kind, Reply};

/// Where servers listen.
const PORT: u16 = 53;

/// The largest message that is understood by UDP; servers cut what is longer at 512 bytes, unless told otherwise.
const MESSAGE_BYTES: usize = 4096;

/// The addresses of a name; the error says why there are none.
pub fn addresses(name: &str, end: Instant) -> Result<Vec<IpAddr>, String> {
    let hosts = fs::read_to_string("/etc/hosts").unwrap_or_default();
    let found = resolve::addresses(&hosts, name);
    if !found.is_empty() {
        return Ok(found);
    }
    if name.eq_ignore_ascii_case("localhost") {
        return Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
    }
    let config = Config::parse(&fs::read_to_string("/etc/resolv.conf").unwrap_or_default());
    let mut has_answer = false;
    for candidate in config.candidates(name) {
        let mut found = Vec::new();
        for kind in [Kind::A, Kind::Aaaa] {
            let answer = ask(&config, &candidate, kind, end);
            has_answer |= answer.is_some();
            found.extend(answer.into_iter().flatten());
        }
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let servers: Vec<String> = config.servers.iter().map(ToString::to_string).collect();
    let servers = servers.join(", ");
    Err(if has_answer {
        format!("{servers} knows no address of {name}")
    } else {
        format!("{servers} does not answer about {name}")
    })
}

/// Asks one server after the other, until one tells.
fn ask(config: &Config, name: &str, kind: Kind, end: Instant) -> Option<Vec<IpAddr>> {
    // Not to be guessed by others; together with the port, which the kernel draws.
    let [high, low, ..] = RandomState::new().hash_one(name).to_ne_bytes();
    let question = resolve::question(u16::from_be_bytes([high, low]), name, kind)?;
    for server in (0..config.attempts).flat_map(|_| &config.servers) {
        let server = SocketAddr::new(*server, PORT);
        let end = end.min(Instant::now() + config.timeout);
        let mut reply = by_udp(server, &question, kind, end);
        if matches!(reply, Ok(Reply::Truncated)) {
            reply = by_tcp(server, &question, kind, end);
        }
        if let Ok(Reply::Addresses(found)) = reply {
            return Some(found);
        }
    }
    None
}

fn by_udp(server: SocketAddr, question: &[u8], kind: Kind, end: Instant) -> io::Result<Reply> {
    let any: IpAddr = if server.is_ipv4() {
        Ipv4Addr::UNSPECIFIED.into()
    } else {
        Ipv6Addr::UNSPECIFIED.into()
    };
    let socket = UdpSocket::bind((any, 0))?;
    // Nobody else's messages come then, and an error if nobody listens.
    socket.connect(server)?;
    socket.send(question)?;
    let mut bytes = [0; MESSAGE_BYTES];
    loop {
        socket.set_read_timeout(Some(left(end)?))?;
        let count = socket.recv(&mut bytes)?;
        let reply = resolve::reply(bytes.get(..count).unwrap_or_default(), question, kind);
        if reply != Reply::Stray {
            return Ok(reply);
        }
    }
}

/// Each message has its length before it.
fn by_tcp(server: SocketAddr, question: &[u8], kind: Kind, end: Instant) -> io::Result<Reply> {
    let mut stream = TcpStream::connect_timeout(&server, left(end)?)?;
    stream.set_write_timeout(Some(left(end)?))?;
    let length = u16::try_from(question.len()).unwrap_or(0).to_be_bytes();
    stream.write_all(&[&length, question].concat())?;
    let mut length = [0; 2];
    stream.set_read_timeout(Some(left(end)?))?;
    stream.read_exact(&mut length)?;
    let mut bytes = vec![0; u16::from_be_bytes(length).into()];
    stream.read_exact(&mut bytes)?;
    Ok(resolve::reply(&bytes, question, kind))
}

/// The time that is left; an error if there is none.
pub fn left(end: Instant) -> io::Result<Duration> {
    let left = end.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    Ok(left)
}
