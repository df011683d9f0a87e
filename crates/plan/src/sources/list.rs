//! All hosts that may be reached.

use std::net::IpAddr;

use super::address::{is_public, is_reachable};
use super::source::{Source, bare};

/// The hosts that may be reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources(Vec<Source>);

impl FromIterator<Source> for Sources {
    fn from_iter<I: IntoIterator<Item = Source>>(all: I) -> Self {
        let mut all: Vec<Source> = all.into_iter().collect();
        all.sort();
        all.dedup();
        Self(all)
    }
}

impl Sources {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.0.iter()
    }

    /// Whether a host may be asked for at all: a name as it comes from the wire, or an address.
    pub fn know(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        canonical(&host).is_some_and(|host| self.0.iter().any(|source| source.means(host)))
    }

    /// Whether a host may be reached at a port.
    pub fn allow(&self, host: &str, port: u16) -> bool {
        let host = host.to_ascii_lowercase();
        let is_meant = |host: &str| {
            self.0
                .iter()
                .any(|source| source.means(host) && source.opens(port))
        };
        canonical(&host).is_some_and(is_meant)
    }

    /// Whether a host that may be reached may have that address. One that is named in so many words may have a private one: the
    /// operator knows it. What is below a name may belong to anybody.
    pub fn may_be_at(&self, host: &str, address: IpAddr) -> bool {
        let host = host.to_ascii_lowercase();
        let Some(host) = canonical(&host) else {
            return false;
        };
        let is_named = |source: &Source| source.means(host) && source.is_exact();
        if self.0.iter().any(is_named) {
            is_reachable(address)
        } else {
            is_public(address)
        }
    }
}

/// A name without a dot at its end, or an address.
fn canonical(lower: &str) -> Option<&str> {
    if lower.parse::<IpAddr>().is_ok() {
        return Some(lower);
    }
    bare(lower)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Sources;

    fn sources(text: &str) -> Sources {
        let all = text.split_whitespace();
        all.map(|one| one.parse().expect(one)).collect()
    }

    #[test]
    fn what_is_allowed() {
        let cases = [
            ("pypi.org", "pypi.org:443", true),
            ("pypi.org", "pypi.org:80", true),
            ("pypi.org", "pypi.org:22", false),
            ("pypi.org", "PyPI.ORG:443", true),
            ("PyPI.org", "pypi.org.:443", true),
            ("pypi.org.", "pypi.org:443", true),
            ("pypi.org", "pypi.org..:443", false),
            ("pypi.org", "evilpypi.org:443", false),
            ("pypi.org", "evil.pypi.org:443", false),
            ("pypi.org", "pypi.org.evil.example:443", false),
            ("pypi.org:8443", "pypi.org:8443", true),
            ("pypi.org:8443", "pypi.org:443", false),
            ("*.example.org", "a.example.org:443", true),
            ("*.example.org", "a.b.example.org:443", true),
            ("*.example.org", "example.org:443", false),
            ("*.example.org", ".example.org:443", false),
            ("*.example.org", "evilexample.org:443", false),
            ("*.example.org:81", "a.example.org:81", true),
            ("*.example.org:81", "a.example.org:80", false),
            ("10.0.0.5", "10.0.0.5:80", true),
            ("10.0.0.5", "10.0.0.50:80", false),
            ("10.0.0.5", "::ffff:10.0.0.5:80", true),
            ("[2001:db8::1]:81", "2001:db8:0:0::1:81", true),
            ("xn--bcher-kva.example", "XN--bcher-kva.example:443", true),
            ("xn--bcher-kva.example", "bücher.example:443", false),
            ("pypi.org", "pypi.org@evil.example:443", false),
            ("pypi.org", "evil.example@pypi.org:443", false),
            ("pypi.org", "pypi.org\0:443", false),
            ("", "pypi.org:443", false),
        ];
        for (list, place, expected) in cases {
            let (host, port) = place.rsplit_once(':').expect("a port");
            let port = port.parse().expect("a number");
            let list = sources(list);
            assert_eq!(list.allow(host, port), expected, "{list:?} {place}");
            assert!(
                !list.allow(host, port) || list.know(host),
                "{list:?} {place}"
            );
        }
    }

    #[test]
    fn names_lead_where_they_may() {
        let list = sources("index.example *.example.org 10.0.0.5");
        for (host, address, expected) in [
            ("index.example", "10.0.0.1", true),
            ("index.example", "151.101.0.223", true),
            ("index.example", "127.0.0.1", false),
            ("index.example", "169.254.169.254", false),
            ("a.example.org", "151.101.0.223", true),
            ("a.example.org", "10.0.0.1", false),
            ("a.example.org", "::ffff:10.0.0.1", false),
            ("other.example", "10.0.0.1", false),
            ("10.0.0.5", "10.0.0.5", true),
        ] {
            let found = list.may_be_at(host, address.parse().expect(address));
            assert_eq!(found, expected, "{host} {address}");
        }
    }

    proptest! {
        #[test]
        fn only_what_ends_with_a_name_is_below_it(host in r"[a-zA-Z0-9._@:*\[\]-]{0,30}", port in any::<u16>()) {
            let list = sources("*.example.org pypi.org");
            if list.allow(&host, port) {
                let lower = host.to_ascii_lowercase();
                let lower = lower.strip_suffix('.').unwrap_or(&lower);
                prop_assert!(lower == "pypi.org" || lower.ends_with(".example.org"));
                prop_assert!(port == 80 || port == 443);
            }
        }

        #[test]
        fn a_name_and_all_ways_to_write_it(label in "[a-z][a-z0-9]{0,8}", upper in any::<bool>(), dot in any::<bool>()) {
            let name = format!("{label}.example.org");
            let list = sources(&name);
            let mut written = if upper { name.to_uppercase() } else { name.clone() };
            if dot {
                written.push('.');
            }
            prop_assert!(list.allow(&written, 443));
            let (before, below) = (format!("x{written}"), format!("x.{written}"));
            prop_assert!(!list.allow(&before, 443) && !list.allow(&below, 443));
        }

        #[test]
        fn urls_are_allowed_as_their_hosts_are(user in "[a-z:.]{0,8}", host in "(pypi[.]org|evil[.]example)", path in "[/?#][a-z@:.]{0,12}") {
            let url = format!("https://{user}@{host}{path}");
            let place = super::super::whereabouts(&url);
            prop_assert_eq!(place.map(|place| place.host), Some(host));
        }
    }
}
