//! How registries are spoken to, decided once.

use std::time::Duration;

use boatyard_plan::image::Platform;
use boatyard_plan::reference::Reference;

use super::address::{Address, is_loopback};
use super::credentials::Credentials;

/// How registries are spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Without TLS even where the registry is not on loopback.
    pub plain_http: bool,
    /// Registries without TLS: hosts, with their ports.
    pub plain_hosts: Vec<String>,
    /// Registries that are asked first in a pull, in order.
    pub mirrors: Vec<Mirror>,
    /// Which image of an index.
    pub platform: Platform,
    /// Saved logins.
    pub credentials: Credentials,
    /// Proxies on the way.
    pub proxies: Proxies,
    /// Blobs at once.
    pub jobs: usize,
    /// How often a request is tried, at least 1.
    pub attempts: u32,
    /// Wait before the second try; doubled for each further one.
    pub pause: Duration,
}

/// A registry that has what another one has, under the same names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirror {
    /// Of which registry, as references name it; Docker's is `docker.io`.
    pub registry: String,
    /// Host and port of the mirror.
    pub host: String,
}

/// Proxies by the scheme of what is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For plain HTTP, a URL.
    pub http: Option<String>,
    /// For HTTPS, a URL.
    pub https: Option<String>,
    /// Hosts that are reached without: names and domains separated by commas, `*` for all.
    pub none_for: String,
}

impl Options {
    /// The usual options, with proxies and logins as the variables of a process give them, `BOATYARD_PLAIN_HTTP`
    /// (`HOST[:PORT],...`) and `BOATYARD_MIRRORS` (`REGISTRY=HOST[:PORT],...`).
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| {
            [name.to_lowercase(), name.to_uppercase()]
                .iter()
                .find_map(|name| variable(name).filter(|value| !value.is_empty()))
        };
        let every = set("all_proxy");
        Self {
            plain_http: false,
            plain_hosts: words(&variable("BOATYARD_PLAIN_HTTP").unwrap_or_default()),
            mirrors: mirrors(&variable("BOATYARD_MIRRORS").unwrap_or_default()),
            platform: crate::images::host_platform(),
            proxies: Proxies {
                http: set("http_proxy").or_else(|| every.clone()),
                https: set("https_proxy").or(every),
                none_for: set("no_proxy").unwrap_or_default(),
            },
            credentials: Credentials::from_variables(variable),
            jobs: 4,
            attempts: 5,
            pause: Duration::from_millis(300),
        }
    }

    /// Where an image is.
    pub(super) fn address(&self, reference: &Reference) -> Address {
        let address = Address::of(reference, self.plain_http);
        let plain = address.plain || self.plain_hosts.contains(&address.host);
        Address { plain, ..address }
    }

    /// Where an image may be too, to be asked before its own registry.
    pub(super) fn mirrored(&self, reference: &Reference) -> Vec<Address> {
        let own = self.address(reference);
        let registry = match reference.registry.as_deref() {
            None | Some("index.docker.io") => "docker.io",
            Some(registry) => registry,
        };
        let fitting = self.mirrors.iter().filter(|m| m.registry == registry);
        fitting
            .map(|mirror| Address {
                host: mirror.host.clone(),
                repository: own.repository.clone(),
                plain: self.plain_http
                    || is_loopback(&mirror.host)
                    || self.plain_hosts.contains(&mirror.host),
            })
            .collect()
    }
}

fn words(list: &str) -> Vec<String> {
    let words = list.split([',', ' ']).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

fn mirrors(list: &str) -> Vec<Mirror> {
    let pair = |word: String| {
        let (registry, host) = word.split_once('=')?;
        Some(Mirror {
            registry: registry.to_owned(),
            host: host.to_owned(),
        })
    };
    words(list).into_iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirrors_and_plain_hosts_come_from_variables() {
        let options = Options::from_variables(|name| match name {
            "BOATYARD_MIRRORS" => {
                Some("docker.io=mirror.example.com:8080,ghcr.io=other".to_owned())
            }
            "BOATYARD_PLAIN_HTTP" => Some("mirror.example.com:8080".to_owned()),
            _ => None,
        });
        for (reference, expected) in [
            (
                "debian",
                vec!["http://mirror.example.com:8080/v2/library/debian/x"],
            ),
            ("ghcr.io/a/b", vec!["https://other/v2/a/b/x"]),
            ("example.com/a", vec![]),
        ] {
            let found = options.mirrored(&reference.parse().unwrap());
            let urls: Vec<_> = found.iter().map(|address| address.url("x")).collect();
            assert_eq!(urls, expected, "{reference}");
        }
        let own = options.address(&"mirror.example.com:8080/a".parse().unwrap());
        assert_eq!(own.origin(), "http://mirror.example.com:8080");
    }
}
