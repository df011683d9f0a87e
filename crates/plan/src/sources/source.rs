//! A host that may be reached.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use super::address::is_reachable;
use super::url::Whereabouts;

/// The ports that are meant where none is named: of http and https.
pub(super) const PORTS: [u16; 2] = [80, 443];

/// A host that may be reached, as it is written in a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    host: Host,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Host {
    /// That name, bare.
    Named(String),
    /// All below that name.
    Below(String),
    /// That address, canonical.
    At(IpAddr),
}

/// The text names no host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" names no host: {reason}")]
pub struct NotASource {
    /// What was given.
    pub text: String,
    /// Why not.
    pub reason: &'static str,
}

impl FromStr for Source {
    type Err = NotASource;

    fn from_str(text: &str) -> Result<Self, NotASource> {
        let parsed = parse(text);
        parsed.map_err(|reason| NotASource {
            text: text.to_owned(),
            reason,
        })
    }
}

fn parse(text: &str) -> Result<Source, &'static str> {
    if text.contains("://") || text.contains('/') {
        return Err("write the host alone, without http:// and what follows a slash");
    }
    if text.contains('@') {
        return Err("a user or password has no place here");
    }
    if !text.is_ascii() {
        return Err("write it as it is in the DNS: \"xn--...\"");
    }
    let (host, port) = if let Some(six) = text.strip_prefix('[') {
        let (address, rest) = six.split_once(']').ok_or("there is no \"]\"")?;
        let address: std::net::Ipv6Addr = address
            .parse()
            .map_err(|_| "in brackets is an address of IPv6")?;
        let port = match rest.strip_prefix(':') {
            Some(port) => Some(port),
            None if rest.is_empty() => None,
            None => return Err("after \"]\" comes \":\" and a port"),
        };
        (Host::At(IpAddr::V6(address).to_canonical()), port)
    } else if text.matches(':').count() > 1 {
        return Err("an address of IPv6 is in brackets: \"[2001:db8::1]\"");
    } else {
        match text.split_once(':') {
            Some((host, port)) => (named(host)?, Some(port)),
            None => (named(text)?, None),
        }
    };
    let port = port.map(|port| {
        let is_digits = port.bytes().all(|byte| byte.is_ascii_digit());
        let number = port.parse().ok().filter(|number| is_digits && *number != 0);
        number.ok_or("after \":\" comes a port, a number up to 65535")
    });
    let port = port.transpose()?;
    if let Host::At(address) = host
        && !is_reachable(address)
    {
        return Err(
            "this address is never reached: it is this machine's own, one of a link, or a cloud's metadata service",
        );
    }
    Ok(Source { host, port })
}

fn named(text: &str) -> Result<Host, &'static str> {
    if let Ok(address) = text.parse::<std::net::Ipv4Addr>() {
        return Ok(Host::At(address.into()));
    }
    let lower = text.to_ascii_lowercase();
    let (rest, is_below) = match lower.strip_prefix("*.") {
        Some(rest) => (rest, true),
        None => (lower.as_str(), false),
    };
    if rest.contains('*') {
        return Err("\"*\" stands for all that is before the first dot: \"*.example.org\"");
    }
    let name = bare(rest).ok_or("expected a name such as \"pypi.org\"")?;
    if is_below && !name.contains('.') {
        return Err("\"*\" before a name without a dot would be half the world");
    }
    if name == "localhost" || name.ends_with(".localhost") {
        return Err("it is this machine, which is never reached");
    }
    let name = name.to_owned();
    Ok(if is_below {
        Host::Below(name)
    } else {
        Host::Named(name)
    })
}

/// A host name in lower case without a dot at its end; an address of IPv4 in four parts is one, too. `None` if it is neither, or
/// a way to write an address that programs read in different ways.
pub(super) fn bare(lower: &str) -> Option<&str> {
    let name = lower.strip_suffix('.').unwrap_or(lower);
    let is_label = |label: &str| {
        let is_fit =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(is_fit)
            && !label.starts_with('-')
    };
    let fits = name.len() <= 253 && name.split('.').all(is_label);
    // inet_aton(3) takes numbers in many forms; a top-level domain never begins with a digit.
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_number = last.starts_with(|c: char| c.is_ascii_digit());
    (fits && (!is_number || name.parse::<std::net::Ipv4Addr>().is_ok())).then_some(name)
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Named(name) => out.write_str(name),
            Host::Below(name) => write!(out, "*.{name}"),
            Host::At(IpAddr::V4(four)) => write!(out, "{four}"),
            Host::At(IpAddr::V6(six)) => write!(out, "[{six}]"),
        }?;
        match self.port {
            Some(port) => write!(out, ":{port}"),
            None => Ok(()),
        }
    }
}

impl Source {
    /// What a URL leads to, and nothing else.
    pub fn exactly(place: &Whereabouts) -> Self {
        let host = match place.host.parse::<IpAddr>() {
            Ok(address) => Host::At(address.to_canonical()),
            Err(_) => Host::Named(place.host.clone()),
        };
        Self {
            host,
            port: Some(place.port),
        }
    }

    /// Whether it is named in so many words.
    pub(super) fn is_exact(&self) -> bool {
        !matches!(self.host, Host::Below(_))
    }

    /// Whether the host is meant, at whatever port.
    pub(super) fn means(&self, host: &str) -> bool {
        match &self.host {
            Host::Named(name) => name == host,
            Host::Below(name) => host
                .strip_suffix(name.as_str())
                .and_then(|rest| rest.strip_suffix('.'))
                .is_some_and(|rest| !rest.is_empty()),
            Host::At(address) => host
                .parse::<IpAddr>()
                .is_ok_and(|other| other.to_canonical() == *address),
        }
    }

    /// Whether it may be reached at that port.
    pub(super) fn opens(&self, port: u16) -> bool {
        self.port.map_or(PORTS.contains(&port), |only| only == port)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Source;

    #[test]
    fn what_names_no_host() {
        for text in [
            "",
            ".",
            "a..b",
            "*",
            "*.",
            "*.org",
            "a*.example.org",
            "*.*.example.org",
            "https://pypi.org",
            "pypi.org/simple",
            "me@pypi.org",
            "bücher.example",
            "pypi.org:",
            "pypi.org:0",
            "pypi.org:65536",
            "pypi.org:+80",
            "::1",
            "[::1]",
            "[10.0.0.1]",
            "[2001:db8::1]x",
            "localhost",
            "a.localhost",
            "127.0.0.1",
            "127.0.0.1:3141",
            "127.1",
            "0x7f000001",
            "2130706433",
            "169.254.169.254",
            "168.63.129.16",
            "0.0.0.0",
            "a b",
            "-a.example",
        ] {
            assert!(text.parse::<Source>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(text in r"(\*\.)?[a-zA-Z][a-z0-9_]{0,5}(\.[a-z][a-z0-9-]{0,5}){1,3}\.?(:[1-9][0-9]{0,3})?") {
            if let Ok(source) = text.parse::<Source>() {
                prop_assert_eq!(source.to_string().parse::<Source>(), Ok(source));
            }
        }
    }
}
