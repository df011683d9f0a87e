//! Images from and to registries that speak the OCI distribution protocol.
//!
//! ```no_run
//! # use boatyard_store::{Store, registry};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let store = Store::open("/var/lib/boatyard".as_ref())?;
//! let options = registry::Options::from_variables(|name| std::env::var(name).ok());
//! let name = "127.0.0.1:5000/team/app:1.2".parse()?;
//! let manifest = registry::pull(&store, &name, &options, &|_| {})?;
//! store.tag(&name, &manifest)?;
//! # Ok(()) }
//! ```
//! Registries on loopback are spoken to without TLS. Certificates are trusted if the host trusts them (`SSL_CERT_FILE`
//! and `SSL_CERT_DIR` are honoured).

mod address;
mod agent;
mod challenge;
mod client;
mod credentials;
mod failure;
mod pull;
mod push;

use std::time::Duration;

use boatyard_plan::image::Platform;

pub use credentials::Credentials;
pub use failure::RegistryError;
pub use pull::pull;
pub use push::push;

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

/// How far a transfer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes done.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
}

/// What is done with a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    Pull,
    Push,
}

impl Access {
    fn verb(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Push => "push",
        }
    }

    fn scope(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Push => "pull,push",
        }
    }
}
