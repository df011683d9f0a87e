//! How registries are spoken to, decided once.

use std::time::Duration;

use boatyard_plan::image::Platform;

use super::credentials::Credentials;

/// How registries are spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Without TLS even where the registry is not on loopback.
    pub plain_http: bool,
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
    /// The usual options, with proxies and logins as the variables of a process give them.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| {
            [name.to_lowercase(), name.to_uppercase()]
                .iter()
                .find_map(|name| variable(name).filter(|value| !value.is_empty()))
        };
        let every = set("all_proxy");
        Self {
            plain_http: false,
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
}
