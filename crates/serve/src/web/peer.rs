//! From which address a request comes.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::HeaderMap;
use boatyard_preview::config::Network;

/// The address that a request comes from, as far as it can be believed; put there when it is accepted.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// The address.
    pub from: IpAddr,
    /// Whether a proxy that is believed has said so.
    pub is_forwarded: bool,
}

impl Peer {
    /// Where this request comes from.
    pub fn of<B>(request: &axum::http::Request<B>) -> Self {
        let found = request.extensions().get::<Self>().copied();
        found.unwrap_or(Self::direct(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
    }

    fn direct(from: IpAddr) -> Self {
        Self {
            from,
            is_forwarded: false,
        }
    }

    /// Of a request that `peer` sent. Each of `proxies` adds whom it forwards for at the end of the list, and is believed;
    /// nobody else is.
    pub fn through(headers: &HeaderMap, peer: IpAddr, proxies: &[Network]) -> Self {
        let is_proxy = |address| proxies.iter().any(|network| network.has(address));
        if !is_proxy(peer) {
            return Self::direct(peer);
        }
        let all = headers.get_all("x-forwarded-for").into_iter();
        let named: Vec<&str> = all
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .collect();
        let mut from = peer;
        for name in named.into_iter().rev() {
            let Ok(before) = name.parse() else { break };
            from = before;
            if !is_proxy(from) {
                break;
            }
        }
        Self {
            from,
            is_forwarded: true,
        }
    }
}

/// What a handler asks for.
impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Peer {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        _: &S,
    ) -> Result<Self, Self::Rejection> {
        let found = parts.extensions.get::<Self>().copied();
        Ok(found.unwrap_or(Self::direct(IpAddr::V4(Ipv4Addr::UNSPECIFIED))))
    }
}

#[cfg(test)]
mod tests {
    use super::Peer;
    use axum::http::{HeaderMap, HeaderValue};
    use boatyard_preview::config::Network;

    #[test]
    fn who_is_believed() {
        let cases = [
            ("", "", "10.0.0.9"),
            ("1.1.1.1", "", "10.0.0.9"),
            ("1.1.1.1", "127.0.0.1", "10.0.0.9"),
            ("1.1.1.1, 2.2.2.2", "10.0.0.9", "2.2.2.2"),
            ("1.1.1.1, 10.1.1.1", "10.0.0.0/8", "1.1.1.1"),
            ("9.9.9.9, 1.1.1.1, 10.1.1.1", "10.0.0.0/8", "1.1.1.1"),
            ("10.2.2.2, 10.1.1.1", "10.0.0.0/8", "10.2.2.2"),
            ("1.1.1.1, rubbish", "10.0.0.0/8", "10.0.0.9"),
            ("1.1.1.1, rubbish, 10.1.1.1", "10.0.0.0/8", "10.1.1.1"),
            ("", "10.0.0.0/8", "10.0.0.9"),
        ];
        for (named, proxies, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", HeaderValue::from_static(named));
            let peer = "10.0.0.9".parse().expect("an address");
            let proxies: Vec<Network> = proxies.parse().into_iter().collect();
            let found = Peer::through(&headers, peer, &proxies);
            assert_eq!(
                found.from.to_string(),
                expected,
                "{named} through {proxies:?}"
            );
        }
    }
}
