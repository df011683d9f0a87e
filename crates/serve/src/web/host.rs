//! Which of our hosts a request is for.

use std::net::IpAddr;

use axum::http::{Request, header};

use super::settings::Settings;

/// Which of our hosts a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// The page and the API.
    Own,
    /// An environment, by its label or id.
    Environment(String),
    /// None of ours. A page of somebody else whose name suddenly means our address gets nothing.
    Foreign,
}

impl Host {
    /// That which a request asks for.
    pub fn asked<B>(request: &Request<B>, settings: &Settings) -> Self {
        // A request in absolute form names its host there (RFC 9112 section 3.2.2).
        let in_header = request
            .headers()
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let named = request
            .uri()
            .authority()
            .map(axum::http::uri::Authority::as_str);
        Self::of(named.or(in_header).unwrap_or_default(), settings)
    }

    /// By what stands in the `Host` header. An address or `localhost` is ours too: no name can be made to mean another thing there.
    pub fn of(header: &str, settings: &Settings) -> Self {
        let host = without_port(header)
            .trim_end_matches('.')
            .to_ascii_lowercase();
        if host == settings.address.host() {
            return Self::Own;
        }
        let below = host.strip_suffix(settings.domain.as_str());
        if let Some(label) = below.and_then(|below| below.strip_suffix('.')) {
            return Self::Environment(label.to_owned());
        }
        let is_literal = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        if is_literal || host == "localhost" {
            Self::Own
        } else {
            Self::Foreign
        }
    }
}

fn without_port(header: &str) -> &str {
    match header.rsplit_once(':') {
        Some((host, port))
            if port.bytes().all(|byte| byte.is_ascii_digit()) && !host.is_empty() =>
        {
            host
        }
        _ => header,
    }
}

#[cfg(test)]
mod tests {
    use super::Host;
    use crate::web::settings::{Address, Settings};

    #[test]
    fn whose_host_it_is() {
        let address = Address::parse("https://previews.example.org").expect("an address");
        let settings = Settings::new(address, "p.example.org");
        let environment = |label: &str| Host::Environment(label.to_owned());
        let cases = [
            ("previews.example.org", Host::Own),
            ("Previews.Example.org:443", Host::Own),
            ("previews.example.org.", Host::Own),
            ("127.0.0.1:8080", Host::Own),
            ("[::1]:8080", Host::Own),
            ("[::1]", Host::Own),
            ("localhost:80", Host::Own),
            (
                "shop-main-abcdefgh.p.example.org",
                environment("shop-main-abcdefgh"),
            ),
            ("a.b.p.example.org", environment("a.b")),
            (".p.example.org", environment("")),
            ("p.example.org", Host::Foreign),
            ("xp.example.org", Host::Foreign),
            ("evil.test", Host::Foreign),
            ("", Host::Foreign),
        ];
        for (header, expected) in cases {
            assert_eq!(Host::of(header, &settings), expected, "{header}");
        }
    }
}
