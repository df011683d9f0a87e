//! What can be waited for before a command.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

/// Something that has to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// As it was written.
    pub text: String,
    /// What it is.
    pub kind: Wanted,
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A connection that is taken.
    Tcp {
        /// By whom.
        server: Server,
    },
    /// A GET that is answered with a status below 400.
    Http {
        /// By whom.
        server: Server,
        /// The path and the query, with the slash before it.
        path: String,
    },
    /// A file, or whatever has this path.
    File(PathBuf),
}

/// A port of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Where it is.
    pub host: Host,
    /// The port.
    pub port: u16,
}

/// A host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// By its number.
    Address(IpAddr),
    /// By its name, which has to be looked up.
    Name(String),
}

impl Dependency {
    /// Reads `tcp://HOST:PORT`, `http://HOST[:PORT][/PATH]` or `file:///PATH`; none if it is nothing of that.
    pub fn parse(text: &str) -> Option<Self> {
        let kind = if let Some(rest) = text.strip_prefix("tcp://") {
            let server = Server::parse(rest.trim_end_matches('/'), None)?;
            Wanted::Tcp { server }
        } else if let Some(rest) = text.strip_prefix("http://") {
            let (authority, path) = match rest.find(['/', '?']) {
                Some(at) => rest.split_at(at),
                None => (rest, "/"),
            };
            let slash = if path.starts_with('/') { "" } else { "/" };
            Wanted::Http {
                server: Server::parse(authority, Some(80))?,
                path: format!("{slash}{path}"),
            }
        } else {
            let path = text.strip_prefix("file:")?;
            let path = path.strip_prefix("//").unwrap_or(path);
            path.starts_with('/').then(|| Wanted::File(path.into()))?
        };
        // A line of a request ends where one of these is.
        let is_clean = !text.contains(|c: char| c.is_ascii_control() || c == ' ');
        let is_file = matches!(kind, Wanted::File(_));
        (is_clean || is_file).then(|| Self {
            text: text.to_owned(),
            kind,
        })
    }
}

impl Server {
    fn parse(authority: &str, port: Option<u16>) -> Option<Self> {
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, digits)) if !digits.contains(']') => (host, digits.parse().ok()?),
            _ => (authority, port?),
        };
        let bare = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let host = match bare.unwrap_or(host).parse() {
            Ok(address) => Host::Address(address),
            Err(_) if host.is_empty() || host.contains([':', '[', ']', '@', '/']) => return None,
            Err(_) => Host::Name(host.to_owned()),
        };
        (port != 0).then_some(Self { host, port })
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = self.port;
        match &self.host {
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]:{port}"),
            Host::Address(IpAddr::V4(address)) => write!(f, "{address}:{port}"),
            Host::Name(name) => write!(f, "{name}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Dependency, Wanted};

    #[test]
    fn is_read_and_told() {
        let told = |text: &str| {
            Dependency::parse(text).map_or("nothing".into(), |it| match it.kind {
                Wanted::Tcp { server } => format!("tcp {server}"),
                Wanted::Http { server, path } => format!("http {server} {path}"),
                Wanted::File(path) => format!("file {}", path.display()),
            })
        };
        for (text, expected) in [
            ("tcp://db:5432", "tcp db:5432"),
            ("tcp://db:5432/", "tcp db:5432"),
            ("tcp://[::1]:6379", "tcp [::1]:6379"),
            ("tcp://10.0.0.1:1", "tcp 10.0.0.1:1"),
            ("http://web", "http web:80 /"),
            ("http://web:8080/ready?x=1", "http web:8080 /ready?x=1"),
            ("http://web?x", "http web:80 /?x"),
            ("file:///run/made", "file /run/made"),
            ("file:/a b", "file /a b"),
            ("tcp://db", "nothing"),
            ("tcp://db:0", "nothing"),
            ("tcp://:80", "nothing"),
            ("tcp://a:b:80", "nothing"),
            ("http://user@web/", "nothing"),
            ("http://web/a b", "nothing"),
            ("https://web", "nothing"),
            ("file:relative", "nothing"),
            ("db:5432", "nothing"),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }
}
