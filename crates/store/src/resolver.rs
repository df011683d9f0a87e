//! Host names, looked up once.
//!
//! An HTTP client asks for the addresses of a host before each request, kept connections included. A hundred packages
//! over eight connections are hundreds of questions in a burst; a resolver that loses one of them costs five seconds
//! (resolv.conf(5), `timeout`).

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

/// How long addresses are good for.
const KEPT: Duration = Duration::from_secs(60);

/// A resolver that remembers. Whoever asks for a host while it is looked up waits for that answer.
#[derive(Debug, Default)]
pub struct Remembering {
    system: DefaultResolver,
    known: Mutex<HashMap<String, (Instant, ResolvedSocketAddrs)>>,
}

impl Resolver for Remembering {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let host = format!(
            "{}://{}",
            uri.scheme_str().unwrap_or_default(),
            uri.authority().map_or("", |authority| authority.as_str())
        );
        let Ok(mut known) = self.known.lock() else {
            return self.system.resolve(uri, config, timeout);
        };
        if let Some((when, addresses)) = known.get(&host)
            && when.elapsed() < KEPT
        {
            return Ok(addresses.clone());
        }
        let addresses = self.system.resolve(uri, config, timeout)?;
        known.insert(host, (Instant::now(), addresses.clone()));
        Ok(addresses)
    }
}

/// A client with this configuration that looks host names up once.
pub fn agent(config: Config) -> ureq::Agent {
    ureq::Agent::with_parts(config, DefaultConnector::default(), Remembering::default())
}
