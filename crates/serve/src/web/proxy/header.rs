//! Headers on their way through.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// What is between two neighbours only (RFC 9110 section 7.6.1), and what old programs send so.
const NEIGHBOURS: [HeaderName; 8] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Takes out what is not for the next; what was asked to become of the connection.
pub fn strip(headers: &mut HeaderMap) -> Option<HeaderValue> {
    let upgrade = upgrade(headers);
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&NEIGHBOURS) {
        // With two hosts or none nobody knows what is asked for.
        if *name != header::HOST {
            headers.remove(name);
        }
    }
    upgrade
}

/// What the connection is to become, if that is asked for (RFC 9110 section 7.8).
pub fn upgrade(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut connection = headers.get_all(header::CONNECTION).into_iter();
    let is_asked = connection.any(|value| {
        let names = value.to_str().unwrap_or_default().split(',');
        names
            .map(str::trim)
            .any(|name| name.eq_ignore_ascii_case("upgrade"))
    });
    headers.get(header::UPGRADE).filter(|_| is_asked).cloned()
}

/// Puts in a connection's upgrade again.
pub fn ask_upgrade(headers: &mut HeaderMap, upgrade: HeaderValue) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, upgrade);
}

/// Says for whom it is forwarded. What was said before is kept only if it comes from a proxy that we believe.
pub fn forwarded(headers: &mut HeaderMap, from: IpAddr, scheme: &str, is_believed: bool) {
    if !is_believed {
        for name in [
            "forwarded",
            "x-forwarded-for",
            "x-forwarded-proto",
            "x-forwarded-host",
            "x-real-ip",
        ] {
            headers.remove(name);
        }
    }
    let value = |text: &str| HeaderValue::from_str(text).ok();
    let set = |headers: &mut HeaderMap, name: &'static str, text: Option<HeaderValue>| {
        if let (Some(text), false) = (text, headers.contains_key(name)) {
            headers.insert(name, text);
        }
    };
    let host = headers.get(header::HOST).cloned();
    set(headers, "x-forwarded-for", value(&from.to_string()));
    set(headers, "x-forwarded-proto", value(scheme));
    set(headers, "x-forwarded-host", host);
}

#[cfg(test)]
mod tests {
    use super::{forwarded, strip};
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    type Headers = &'static [(&'static str, &'static str)];

    fn map(headers: Headers) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        headers.iter().map(pair).collect()
    }

    #[test]
    fn what_is_between_neighbours_goes_no_further() {
        let cases: [(Headers, Option<&str>, Headers); 4] = [
            (
                &[("host", "a"), ("x", "1")],
                None,
                &[("host", "a"), ("x", "1")],
            ),
            (
                &[
                    ("connection", "close, X-Secret, host"),
                    ("x-secret", "1"),
                    ("host", "a"),
                    ("te", "trailers"),
                ],
                None,
                &[("host", "a")],
            ),
            (
                &[
                    ("connection", "keep-alive, Upgrade"),
                    ("upgrade", "websocket"),
                    ("keep-alive", "9"),
                ],
                Some("websocket"),
                &[],
            ),
            (&[("upgrade", "h2c")], None, &[]),
        ];
        for (headers, upgrade, left) in cases {
            let mut found = map(headers);
            let asked = strip(&mut found);
            assert_eq!(
                asked.as_ref().map(|value| value.to_str().unwrap_or("?")),
                upgrade,
                "{headers:?}"
            );
            assert_eq!(found, map(left), "{headers:?}");
        }
    }

    #[test]
    fn for_whom_it_is_forwarded() {
        let claimed: Headers = &[
            ("host", "h.test"),
            ("x-forwarded-for", "6.6.6.6"),
            ("x-forwarded-proto", "https"),
            ("forwarded", "for=6.6.6.6"),
        ];
        for (is_believed, proto, of, has_forwarded) in [
            (false, "http", "10.0.0.1", false),
            (true, "https", "6.6.6.6", true),
        ] {
            let mut headers = map(claimed);
            forwarded(
                &mut headers,
                "10.0.0.1".parse().expect("an address"),
                "http",
                is_believed,
            );
            assert_eq!(headers["x-forwarded-for"], of);
            assert_eq!(headers["x-forwarded-proto"], proto);
            assert_eq!(headers["x-forwarded-host"], "h.test");
            assert_eq!(headers.contains_key("forwarded"), has_forwarded);
        }
    }
}
