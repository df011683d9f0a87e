//! The only hosts that are reached: by name, under addresses that lead nowhere else.
//!
//! ```text
//! process ── "pypi.org?" ──> us: on the list? what is it for this machine? may it be that?  ──> 198.18.0.1, ours
//!         ── 198.18.0.1:443 ──> us: that is pypi.org; on the list at 443? ──> what this machine found
//! ```
//! A question that leaves this process is for a name on the list, so what can be told to the world by asking is told to those whose
//! domain is there as `*.DOMAIN`, and nobody else. What a name leads to is looked up once, so that it cannot lead elsewhere later,
//! and nobody waits twice for the same that is not found.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, ToSocketAddrs as _};

use boatyard_plan::sources::Sources;

use super::question::{self, Answer};
use super::refusal::Refusal;

/// Addresses for measurements (RFC 2544): nobody has them.
const FIRST: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 1);
/// Names at most, and refusals that are told: what a build needs, and not what it can think of.
const NAMES: usize = 1000;
const TOLD: usize = 20;

type LookUp = Box<dyn Fn(&str) -> Vec<IpAddr> + Send>;
type Told = Box<dyn Fn(Refusal) + Send>;

/// The only hosts that are reached.
pub struct Only {
    sources: Sources,
    look_up: LookUp,
    told: Told,
    /// Names and what they are for this machine, in the order of their addresses inside; none: nothing that may be reached.
    names: Vec<(String, Option<IpAddr>)>,
    refused: BTreeSet<Refusal>,
}

impl Only {
    /// These, as this machine knows them. Each refusal is told once, when it happens.
    pub fn new(sources: Sources, told: impl Fn(Refusal) + Send + 'static) -> Self {
        let look_up = |name: &str| -> Vec<IpAddr> {
            let found = (name, 0).to_socket_addrs();
            found.map_or(Vec::new(), |found| found.map(|to| to.ip()).collect())
        };
        Self {
            sources,
            look_up: Box::new(look_up),
            told: Box::new(told),
            names: Vec::new(),
            refused: BTreeSet::new(),
        }
    }

    /// The same; what names lead to is said by `look_up` and not by this machine.
    #[must_use]
    pub fn with_names(self, look_up: impl Fn(&str) -> Vec<IpAddr> + Send + 'static) -> Self {
        let look_up = Box::new(look_up);
        Self { look_up, ..self }
    }

    /// Where a connection goes, and to which host if that has a name; `None`: nowhere.
    pub(super) fn connection(&mut self, to: SocketAddrV4) -> Option<(SocketAddr, Option<String>)> {
        let inside = u32::from(*to.ip()).wrapping_sub(u32::from(FIRST));
        let known = usize::try_from(inside).ok();
        let known = known.and_then(|number| self.names.get(number));
        let known = known.and_then(|(name, address)| Some((name, (*address)?)));
        let is_named = known.is_some();
        let (host, address) = match known {
            Some((name, address)) => (name.clone(), address),
            None => (to.ip().to_string(), IpAddr::V4(*to.ip())),
        };
        let port = to.port();
        if !self.sources.allow(&host, port) {
            self.refuse(Refusal::Port { host, port });
            return None;
        }
        let may_be = self.sources.may_be_at(&host, address);
        may_be.then(|| (SocketAddr::new(address, port), is_named.then_some(host)))
    }

    /// The answer to a question; `None`: it is none, and gets none.
    pub(super) fn answer(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        let question = question::read(message)?;
        let answer = match self.inside(&question.name) {
            Some(address) if question.is_for_address => Answer::Address(address),
            Some(_) => Answer::Nothing,
            None => Answer::Nobody,
        };
        Some(question::answer(message, &question, answer))
    }

    /// Notes that a datagram went nowhere.
    pub(super) fn datagram(&mut self, to: SocketAddrV4) {
        // Programs look for neighbours now and then; there are none.
        if !to.ip().is_multicast() && !to.ip().is_broadcast() {
            let host = to.ip().to_string();
            self.refuse(Refusal::Port {
                host,
                port: to.port(),
            });
        }
    }

    /// The address of a name inside.
    fn inside(&mut self, name: &str) -> Option<Ipv4Addr> {
        let host = name.to_owned();
        if !self.sources.know(name) {
            self.refuse(Refusal::Host { host });
            return None;
        }
        let known = self.names.iter().position(|(known, _)| known == name);
        let number = match known {
            Some(number) => number,
            None if self.names.len() >= NAMES => return None,
            None => {
                let found = (self.look_up)(name);
                let may_be = |address: &&IpAddr| self.sources.may_be_at(name, **address);
                let address = found.iter().find(may_be).copied();
                self.names.push((host.clone(), address));
                if address.is_none() {
                    self.refuse(match found.first() {
                        Some(address) => Refusal::Address {
                            host,
                            address: *address,
                        },
                        None => Refusal::Unknown { host },
                    });
                }
                self.names.len() - 1
            }
        };
        self.names[number].1?;
        let number = u32::try_from(number).ok()?;
        Some(Ipv4Addr::from(u32::from(FIRST) + number))
    }

    /// Tells of a refusal, once.
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        if self.refused.len() < TOLD && self.refused.insert(refusal.clone()) {
            (self.told)(refusal);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn names_lead_to_what_is_on_the_list_and_nothing_else_does() {
        let sources = [
            "pypi.org",
            "index.lan:3141",
            "*.example.org",
            "10.1.1.1",
            "gone.example",
        ];
        let sources: Sources = sources.iter().map(|text| text.parse().unwrap()).collect();
        let (told, refusals) = channel();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let mut only = Only::new(sources, move |refusal| told.send(refusal).unwrap()).with_names(
            move |name| {
                count.fetch_add(1, Ordering::Relaxed);
                let address = match name {
                    "pypi.org" => "151.101.0.223",
                    "index.lan" => "10.1.1.2",
                    "rebound.example.org" => "10.1.1.3",
                    "metadata.example.org" => "169.254.169.254",
                    _ => return Vec::new(),
                };
                vec![address.parse().unwrap()]
            },
        );
        let mut inside = |name: &str| only.inside(name).map(|address| address.to_string());
        assert_eq!(inside("pypi.org").as_deref(), Some("198.18.0.1"));
        assert_eq!(inside("index.lan").as_deref(), Some("198.18.0.2"));
        assert_eq!(inside("pypi.org").as_deref(), Some("198.18.0.1"));
        for name in [
            "rebound.example.org",
            "metadata.example.org",
            "evil.example",
            "gone.example",
            "evil.example",
            "gone.example",
            "rebound.example.org",
        ] {
            assert_eq!(inside(name), None, "{name}");
        }
        let asked = asked.load(Ordering::Relaxed);
        assert_eq!(asked, 5, "each name on the list once");
        for (to, expected) in [
            ("198.18.0.1:443", Some("151.101.0.223:443")),
            ("198.18.0.1:22", None),
            ("198.18.0.2:3141", Some("10.1.1.2:3141")),
            ("198.18.0.2:443", None),
            ("198.18.0.3:443", None),
            ("198.18.0.0:443", None),
            ("151.101.0.223:443", None),
            ("10.1.1.1:80", Some("10.1.1.1:80")),
            ("10.1.1.2:3141", None),
            ("169.254.169.254:80", None),
            ("192.0.0.3:53", None),
        ] {
            let found = only.connection(to.parse().unwrap());
            let found = found.map(|(to, _)| to);
            assert_eq!(found, expected.map(|to| to.parse().unwrap()), "{to}");
        }
        only.datagram("8.8.8.8:53".parse().unwrap());
        only.datagram("224.0.0.251:5353".parse().unwrap());
        let told: Vec<(String, Option<String>)> = refusals
            .try_iter()
            .map(|refusal| (refusal.to_string(), refusal.missing()))
            .collect();
        let lines: Vec<&str> = told.iter().map(|(line, _)| line.as_str()).collect();
        assert_eq!(
            lines,
            [
                "rebound.example.org is 10.1.1.3 for this machine, an address that is not reached under that name",
                "metadata.example.org is 169.254.169.254 for this machine, an address that is not reached under that name",
                "evil.example was asked for, which is not among the sources of this build",
                "gone.example is a source of this build, but this machine finds no address of it",
                "pypi.org was called at port 22, which is not among the sources of this build",
                "index.lan was called at port 443, which is not among the sources of this build",
                "198.18.0.3 was called at port 443, which is not among the sources of this build",
                "198.18.0.0 was called at port 443, which is not among the sources of this build",
                "151.101.0.223 was called at port 443, which is not among the sources of this build",
                "10.1.1.2 was called at port 3141, which is not among the sources of this build",
                "169.254.169.254 was called at port 80, which is not among the sources of this build",
                "192.0.0.3 was called at port 53, which is not among the sources of this build",
                "8.8.8.8 was called at port 53, which is not among the sources of this build",
            ]
        );
        let missing = |host: &str| {
            let line = told.iter().find(|(line, _)| line.starts_with(host));
            line.unwrap().1.as_deref()
        };
        assert_eq!(missing("evil.example"), Some("evil.example"));
        assert_eq!(missing("pypi.org"), Some("pypi.org:22"));
        assert_eq!(missing("169.254.169.254"), None, "it cannot be allowed");
    }
}
