//! The HTTP client: whom it trusts, and by which way it goes.

use std::time::Duration;

use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Proxy};

use super::address::{Address, is_exempt, is_loopback};
use super::failure::RegistryError;
use super::options::Options;
use crate::resolver;

/// A client for one registry. Reads the host's certificates if they are needed.
pub(super) fn agent(address: &Address, options: &Options) -> Result<Agent, RegistryError> {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .user_agent(concat!("boatyard/", env!("CARGO_PKG_VERSION")))
        .accept_encoding("identity")
        .timeout_connect(Some(Duration::from_secs(15)))
        .timeout_recv_response(Some(Duration::from_secs(60)))
        .timeout_per_read(Some(Duration::from_secs(60)))
        .proxy(proxy(address, options)?);
    if !address.plain {
        let host = rustls_native_certs::load_native_certs().certs;
        let roots: Vec<_> = host
            .iter()
            .map(|certificate| Certificate::from_der(certificate).to_owned())
            .collect();
        let roots = if roots.is_empty() {
            RootCerts::WebPki
        } else {
            RootCerts::new_with_certs(&roots)
        };
        config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
    }
    Ok(resolver::agent(config.build()))
}

fn proxy(address: &Address, options: &Options) -> Result<Option<Proxy>, RegistryError> {
    let proxies = &options.proxies;
    if is_loopback(&address.host) || is_exempt(&address.host, &proxies.none_for) {
        return Ok(None);
    }
    let url = if address.plain {
        &proxies.http
    } else {
        &proxies.https
    };
    let Some(url) = url else {
        return Ok(None);
    };
    Proxy::new(url)
        .map(Some)
        .map_err(|_| RegistryError::BadProxy {
            proxy: url.rsplit('@').next().unwrap_or(url).to_owned(),
        })
}
