//! What the web side is set to.

use std::sync::Arc;
use std::time::Duration;

use boatyard_preview::config::{Access, Config, Visitors};

use super::stream::LASTS;
use crate::login::{Providers, Sessions};
use crate::trace::Traces;

/// Where people reach us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    scheme: String,
    host: String,
    port: Option<u16>,
}

/// What is not an address as `https://previews.example.org`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no address of a server: expected http:// or https://, a host, and at most a port"
)]
pub struct NoAddress(pub String);

impl Address {
    /// `https://previews.example.org`, `http://localhost:8080`.
    ///
    /// # Errors
    /// If it is anything else, or has a path.
    pub fn parse(text: &str) -> Result<Self, NoAddress> {
        let wrong = || NoAddress(text.to_owned());
        let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !rest.ends_with(']') => {
                (host, Some(port.parse().map_err(|_| wrong())?))
            }
            _ => (rest, None),
        };
        let is_host = |byte: u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'[' | b']' | b':')
        };
        let is_fine =
            !host.is_empty() && host.bytes().all(is_host) && matches!(scheme, "http" | "https");
        let address = Self {
            scheme: scheme.to_owned(),
            host: host.to_ascii_lowercase(),
            port,
        };
        is_fine.then_some(address).ok_or_else(wrong)
    }

    /// The host, without a port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// Whether it is reached through TLS.
    pub fn is_secure(&self) -> bool {
        self.scheme == "https"
    }

    /// The same with another host.
    pub fn at(&self, host: &str) -> String {
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{host}{port}", self.scheme)
    }
}

/// What the web side is set to.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people reach the page and the API.
    pub address: Address,
    /// Environments are at `LABEL.domain`.
    pub domain: String,
    /// Who may do what. Whoever may use environments wakes them by asking for them.
    pub access: Access,
    /// Where people log in.
    pub logins: Arc<Providers>,
    /// Who has.
    pub sessions: Sessions,
    /// What concerns visitors. How often one may wake something is how often anybody may show a wrong token, too.
    pub visitors: Visitors,
    /// Where it is told what takes how long.
    pub traces: Traces,
    /// Without an answer's beginning for that long, an environment is not answering.
    pub answer: Duration,
    /// Bytes that a hook may have; there is room for four such at once. GitHub sends at most 25 MB.
    pub hook_bytes: usize,
    /// Streams of events at once.
    pub streams: usize,
    /// How long a stream of changes is open; its reader goes on with another.
    pub stream_lasts: Duration,
    /// Connections at once.
    pub connections: usize,
}

impl Settings {
    /// What holds unless it is said otherwise, reached under `address` and with environments below `domain`.
    pub fn new(address: Address, domain: &str) -> Self {
        Self {
            address,
            domain: domain.to_ascii_lowercase(),
            access: Access::default(),
            logins: Arc::default(),
            sessions: Sessions::default(),
            visitors: Visitors::default(),
            traces: Traces::default(),
            answer: Duration::from_secs(120),
            hook_bytes: 25 << 20,
            streams: 2_000,
            stream_lasts: LASTS,
            connections: 10_000,
        }
    }

    /// As the configuration says.
    ///
    /// # Errors
    /// If its URL is none of a server.
    pub fn of(config: &Config) -> Result<Self, NoAddress> {
        let settings = Self::new(Address::parse(&config.url())?, &config.server.domain);
        Ok(Self {
            access: config.access.clone(),
            visitors: config.visitors.clone(),
            ..settings
        })
    }

    /// Where the environment of that label is reached.
    pub fn url(&self, label: &str) -> String {
        self.address.at(&format!("{label}.{}", self.domain))
    }
}
