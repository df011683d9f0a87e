//! Where a URL leads.

use std::fmt;

use super::source::PORTS;

/// Where a URL leads: what a client connects to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Whereabouts {
    /// A name in lower case without a dot at its end, or an address without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl fmt::Display for Whereabouts {
    /// As it is written in a list of sources.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(out, "[{}]", self.host)?;
        } else {
            out.write_str(&self.host)?;
        }
        if PORTS.contains(&self.port) {
            return Ok(());
        }
        write!(out, ":{}", self.port)
    }
}

/// Where a URL leads (RFC 3986, 3.2): `http` or `https`. `None` for other schemes, and for what clients read in different ways.
pub fn whereabouts(url: &str) -> Option<Whereabouts> {
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
    if url.contains(is_odd) {
        return None;
    }
    let (scheme, rest) = url.split_once("://")?;
    let default = match scheme.to_ascii_lowercase().as_str() {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let place = match authority.split_once('@') {
        // Of two, clients take one or the other.
        Some((_, place)) if place.contains('@') => return None,
        Some((_, place)) => place,
        None => authority,
    };
    let (host, port) = if let Some(six) = place.strip_prefix('[') {
        let (address, rest) = six.split_once(']')?;
        let address: std::net::Ipv6Addr = address.parse().ok()?;
        (address.to_string(), rest)
    } else {
        let end = place.find(':').unwrap_or(place.len());
        let host = place[..end].to_ascii_lowercase();
        (super::source::bare(&host)?.to_owned(), &place[end..])
    };
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => default,
        Some("") => default,
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
        _ => return None,
    };
    Some(Whereabouts { host, port })
}

#[cfg(test)]
mod tests {
    use super::whereabouts;

    #[test]
    fn where_urls_lead() {
        let cases = [
            ("https://pypi.org/simple", Some(("pypi.org", 443))),
            ("HTTPS://PyPI.org.", Some(("pypi.org", 443))),
            ("http://pypi.org:/x", Some(("pypi.org", 80))),
            ("http://pypi.org?x", Some(("pypi.org", 80))),
            ("http://pypi.org#x", Some(("pypi.org", 80))),
            (
                "http://me:secret@index.example:8080/x@y",
                Some(("index.example", 8080)),
            ),
            ("http://pypi.org@evil.example/", Some(("evil.example", 80))),
            (
                "http://pypi.org:443@evil.example/",
                Some(("evil.example", 80)),
            ),
            ("http://[2001:DB8::1]:81/", Some(("2001:db8::1", 81))),
            ("http://[::1]", Some(("::1", 80))),
            ("http://10.0.0.1/", Some(("10.0.0.1", 80))),
            (
                "https://xn--bcher-kva.example",
                Some(("xn--bcher-kva.example", 443)),
            ),
            // What clients may read in more than one way.
            ("http://a@b@c/", None),
            ("http://pypi.org\\@evil.example/", None),
            ("http://pypi.org\t.evil.example/", None),
            ("http:// pypi.org/", None),
            ("http://bücher.example/", None),
            ("http://pypi.org:+80/", None),
            ("http://pypi.org:99999/", None),
            ("http://pypi.org:8o/", None),
            ("http://2130706433/", None),
            ("http://0x7f.1/", None),
            ("http://127.1/", None),
            ("http://a..b/", None),
            ("http://", None),
            ("http:///x", None),
            ("http://[::1/", None),
            ("file:///srv", None),
            ("ftp://pypi.org", None),
            ("pypi.org", None),
        ];
        for (url, expected) in cases {
            let found = whereabouts(url);
            let found = found
                .as_ref()
                .map(|place| (place.host.as_str(), place.port));
            assert_eq!(found, expected, "{url}");
        }
    }
}
