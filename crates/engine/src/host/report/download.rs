//! What downloads need: certificates, and somebody who answers.

use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use boatyard_plan::release::without_password;

use super::distribution::Distribution;
use super::finding::Finding;

/// Where distributions keep the certificates of the public authorities, in one file.
const BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) fn certificates(distribution: Distribution) -> Finding {
    const WHAT: &str = "certificates";
    if let Some(named) = std::env::var_os("SSL_CERT_FILE") {
        let path = Path::new(&named);
        return if path.is_file() {
            Finding::ok(WHAT, format!("{} (SSL_CERT_FILE)", path.display()))
        } else {
            Finding::missing(
                WHAT,
                format!("SSL_CERT_FILE names {}, which is no file", path.display()),
                "unset SSL_CERT_FILE, or correct it",
            )
        };
    }
    match BUNDLES.iter().find(|path| Path::new(path).is_file()) {
        Some(found) => Finding::ok(WHAT, *found),
        None => Finding::missing(
            WHAT,
            "no bundle of certificates was found",
            distribution.install_certificates(),
        ),
    }
}

/// Whether the mirror of Debian packages answers, or the proxy that leads there.
pub(super) fn mirror(mirror: &str) -> Finding {
    const WHAT: &str = "Debian mirror";
    let scheme = mirror.split("://").next().unwrap_or_default().to_owned();
    let proxy = [format!("{scheme}_proxy"), "all_proxy".to_owned()]
        .into_iter()
        .flat_map(|name| [name.to_uppercase(), name])
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let (asked, by) = match &proxy {
        Some(proxy) => (proxy.as_str(), format!(" by the proxy {}", shown(proxy))),
        None => (mirror, String::new()),
    };
    match answers(asked) {
        Ok(()) => Finding::ok(WHAT, format!("{mirror}{by}")),
        Err(reason) => Finding::missing(
            WHAT,
            format!("{mirror}{by} does not answer: {reason}"),
            "check the network and the variables http_proxy and https_proxy; a base that is in the store needs none",
        ),
    }
}

fn answers(url: &str) -> Result<(), String> {
    let (host, port) =
        host_and_port(url).ok_or_else(|| format!("{} is no web address", shown(url)))?;
    let addresses = (host, port)
        .to_socket_addrs()
        .map_err(|error| error.to_string())?;
    let mut last = "no address".to_owned();
    for address in addresses {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(_) => return Ok(()),
            Err(error) => last = error.to_string(),
        }
    }
    Err(last)
}

fn host_and_port(url: &str) -> Option<(&str, u16)> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let authority = rest.split('/').next()?;
    let address = authority.rsplit('@').next()?;
    let default = if scheme == "https" { 443 } else { 80 };
    if let Some(literal) = address.strip_prefix('[') {
        let (host, after) = literal.split_once(']')?;
        let port = after
            .strip_prefix(':')
            .map_or(Some(default), |port| port.parse().ok())?;
        return Some((host, port));
    }
    match address.split_once(':') {
        Some((host, port)) => Some((host, port.parse().ok()?)),
        None if address.is_empty() => None,
        None => Some((address, default)),
    }
}

/// A URL as it may be shown; that of a proxy may have no scheme.
fn shown(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((_, address)) if !url.contains("://") => address.to_owned(),
        _ => without_password(url),
    }
}

#[cfg(test)]
mod tests {
    use super::{host_and_port, shown};

    #[test]
    fn addresses_are_taken_apart() {
        assert_eq!(
            host_and_port("https://a.example/b"),
            Some(("a.example", 443))
        );
        assert_eq!(
            host_and_port("http://me:secret@proxy:3128/"),
            Some(("proxy", 3128))
        );
        assert_eq!(host_and_port("http://[::1]:80/x"), Some(("::1", 80)));
        assert_eq!(host_and_port("proxy:99"), Some(("proxy", 99)));
        assert_eq!(host_and_port("http:///x"), None);
        assert_eq!(shown("http://me:secret@proxy:3128/"), "http://proxy:3128/");
        assert_eq!(shown("me:secret@proxy:3128"), "proxy:3128");
    }
}
