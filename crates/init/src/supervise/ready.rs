//! How to know that a service is ready, and what sockets it gets.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// How to know that a service is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It is when it runs.
    Running,
    /// It says `READY=1` to `NOTIFY_SOCKET` (`sd_notify(3)`).
    Notify,
    /// It writes a line to this descriptor, as s6 has it.
    Descriptor(i32),
    /// It accepts connections.
    Tcp(SocketAddr),
    /// It answers with a status from 200 to 399.
    Http {
        /// Where.
        address: SocketAddr,
        /// Path and query.
        path: String,
    },
    /// The file is there.
    File(PathBuf),
    /// The command ends with 0.
    Command(String),
}

impl Readiness {
    /// Understands `running`, `notify`, `fd:N`, `tcp://HOST:PORT`, `http://HOST:PORT/PATH`, `file:PATH` or a command line; none
    /// if it is none of these. Hosts are numeric, `localhost`, or left out for 127.0.0.1; a port may be left out where it
    /// is `usual`, and 80 is for HTTP.
    pub fn parse(text: &str, usual: Option<u16>) -> Option<Self> {
        match text {
            "running" => return Some(Self::Running),
            "notify" => return Some(Self::Notify),
            _ => {}
        }
        if let Some(number) = text.strip_prefix("fd:") {
            let number = number
                .parse()
                .ok()
                .filter(|number| (3..64).contains(number));
            return number.map(Self::Descriptor);
        }
        if let Some(path) = text.strip_prefix("file:") {
            return path
                .starts_with('/')
                .then(|| Self::File(PathBuf::from(path)));
        }
        if let Some(rest) = text.strip_prefix("tcp://") {
            return address(rest.trim_end_matches('/'), usual).map(Self::Tcp);
        }
        if let Some(rest) = text.strip_prefix("http://") {
            let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
            let path = if path.is_empty() { "/" } else { path };
            let plain = path.bytes().all(|byte| byte.is_ascii_graphic());
            let address = address(host, usual.or(Some(80))).filter(|_| plain)?;
            return Some(Self::Http {
                address,
                path: path.to_owned(),
            });
        }
        let is_line =
            !text.trim().is_empty() && !text.contains('\0') && !text.starts_with("https://");
        is_line.then(|| Self::Command(text.to_owned()))
    }

    /// Whether init has to ask, again and again.
    pub fn is_asked(&self) -> bool {
        matches!(
            self,
            Self::Tcp(_) | Self::Http { .. } | Self::File(_) | Self::Command(_)
        )
    }
}

/// A socket that init opens for a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Socket {
    /// Listens on TCP.
    Tcp(SocketAddr),
    /// Listens at a path.
    Unix(PathBuf),
}

impl Socket {
    /// Understands `tcp://ADDRESS:PORT` and `unix:/PATH`; without an address it is all of this host.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(path) = text.strip_prefix("unix:") {
            return path
                .starts_with('/')
                .then(|| Self::Unix(PathBuf::from(path)));
        }
        let rest = text.strip_prefix("tcp://")?;
        let rest = if rest.starts_with(':') {
            format!("0.0.0.0{rest}")
        } else {
            rest.to_owned()
        };
        address(&rest, None).map(Self::Tcp)
    }
}

fn address(text: &str, usual: Option<u16>) -> Option<SocketAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (text, usual?),
    };
    let host = match host {
        "" | "localhost" => IpAddr::V4(Ipv4Addr::LOCALHOST),
        numeric => numeric.parse().ok()?,
    };
    Some(SocketAddr::new(host, port))
}
