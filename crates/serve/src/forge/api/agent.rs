//! The HTTP client: whom it trusts, and how long it waits.

use std::path::Path;
use std::time::Duration;

use boatyard_preview::config::Address;
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// A client for what is at `api`. `authority`: a file with more certificates to trust.
pub(crate) fn agent(api: &str, authority: Option<&Path>) -> std::io::Result<Agent> {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .user_agent(concat!("boatyard/", env!("CARGO_PKG_VERSION")))
        .timeout_connect(Some(Duration::from_secs(10)))
        .timeout_recv_response(Some(Duration::from_secs(30)))
        .timeout_global(Some(Duration::from_secs(120)))
        // A repository that was renamed is elsewhere; the token goes nowhere else.
        .max_redirects(3)
        .redirect_auth_headers(ureq::config::RedirectAuthHeaders::SameHost);
    if Address::parse(api).is_ok_and(|address| address.is_loopback()) {
        config = config.proxy(None);
    }
    if api.starts_with("https:") {
        config = config.tls_config(TlsConfig::builder().root_certs(roots(authority)?).build());
    }
    Ok(config.build().into())
}

/// What this machine trusts, and the forge's own authority.
fn roots(authority: Option<&Path>) -> std::io::Result<RootCerts> {
    let host = rustls_native_certs::load_native_certs().certs;
    let mut roots: Vec<_> = host
        .iter()
        .map(|certificate| Certificate::from_der(certificate).to_owned())
        .collect();
    if let Some(path) = authority {
        let text = std::fs::read(path)?;
        let before = roots.len();
        roots.extend(parse_pem(&text).filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        }));
        if roots.len() == before {
            let message = "there is no certificate in it";
            return Err(std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                message,
            ));
        }
    }
    Ok(if roots.is_empty() {
        RootCerts::WebPki
    } else {
        RootCerts::new_with_certs(&roots)
    })
}
