//! How a role says that it can be asked.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Whom to ask, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A GET that is answered with a status below 400.
    Http {
        /// Where.
        address: SocketAddr,
        /// The path and the query, with the slash before it.
        path: String,
    },
    /// A connection that is taken.
    Tcp {
        /// Where.
        address: SocketAddr,
    },
    /// A command line that succeeds.
    Command(String),
}

/// Why an address cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// There is no port, and the role has none.
    Port {
        /// The text.
        text: String,
    },
    /// The host is neither a number nor this one: names are not looked up.
    Host {
        /// The host.
        host: String,
    },
}

impl fmt::Display for Unclear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port { text } => write!(f, "{text:?} has no port, and the role has none"),
            Self::Host { host } => write!(f, "{host:?} is no address; names are not looked up"),
        }
    }
}

impl std::error::Error for Unclear {}

impl Target {
    /// Reads `http://HOST:PORT/PATH`, `tcp://HOST:PORT` or a command line. No host is this one; `port` is the role's.
    pub fn parse(text: &str, port: Option<u16>) -> Result<Self, Unclear> {
        if let Some(rest) = text.strip_prefix("http://") {
            let (authority, path) = match rest.find('/') {
                Some(at) => rest.split_at(at),
                None => (rest, "/"),
            };
            let address = address(authority, port.or(Some(80)))?;
            let path = path.to_owned();
            return Ok(Self::Http { address, path });
        }
        match text.strip_prefix("tcp://") {
            Some(rest) => {
                address(rest.trim_end_matches('/'), port).map(|address| Self::Tcp { address })
            }
            None => Ok(Self::Command(text.to_owned())),
        }
    }
}

fn address(authority: &str, default: Option<u16>) -> Result<SocketAddr, Unclear> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()),
        _ => (authority, default),
    };
    let port = port.ok_or_else(|| Unclear::Port {
        text: authority.to_owned(),
    })?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let ip = match bare {
        "" | "localhost" => IpAddr::V4(Ipv4Addr::LOCALHOST),
        bare => bare.parse().map_err(|_| Unclear::Host {
            host: host.to_owned(),
        })?,
    };
    Ok(SocketAddr::new(ip, port))
}
