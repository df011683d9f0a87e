//! From which address a request comes.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::HeaderMap;

/// The address that a request comes from, as far as it can be believed; put there when it is accepted.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

impl Peer {
    /// Where this request comes from.
    pub fn of<B>(request: &axum::http::Request<B>) -> Self {
        let found = request.extensions().get::<Self>().copied();
        found.unwrap_or(Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
    }

    /// Of a request that `peer` sent, with `proxies` before us that add whom they forward for at the end of the list.
    pub fn through(headers: &HeaderMap, peer: IpAddr, proxies: usize) -> Self {
        let Some(back) = proxies.checked_sub(1) else {
            return Self(peer);
        };
        let all = headers.get_all("x-forwarded-for").into_iter();
        let named: Vec<&str> = all
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .collect();
        let at = named
            .len()
            .checked_sub(1 + back)
            .and_then(|at| named.get(at));
        Self(at.and_then(|one| one.parse().ok()).unwrap_or(peer))
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
        Ok(found.unwrap_or(Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED))))
    }
}

#[cfg(test)]
mod tests {
    use super::Peer;
    use axum::http::{HeaderMap, HeaderValue};

    #[test]
    fn who_is_believed() {
        let cases = [
            ("", 0, "10.0.0.9"),
            ("1.1.1.1", 0, "10.0.0.9"),
            ("1.1.1.1, 2.2.2.2", 1, "2.2.2.2"),
            ("1.1.1.1, 2.2.2.2", 2, "1.1.1.1"),
            ("1.1.1.1", 2, "10.0.0.9"),
            ("rubbish", 1, "10.0.0.9"),
        ];
        for (named, proxies, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", HeaderValue::from_static(named));
            let peer = "10.0.0.9".parse().expect("an address");
            let found = Peer::through(&headers, peer, proxies);
            assert_eq!(found.0.to_string(), expected, "{named} through {proxies}");
        }
    }
}
