//! Whether another site's page has a browser ask.

use axum::http::{HeaderMap, header};

/// Whether a request that changes something was not made by a page of another site. An environment is another site for this,
/// though browsers call it the same: it lives below our host and shows what strangers wrote. Who sends neither header is no
/// browser; such a one has no cookie that it did not want to send.
///
/// Source: Fetch Metadata Request Headers (W3C), `Sec-Fetch-Site`; RFC 6454 section 7, `Origin`.
pub fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text("origin") else {
        return true;
    };
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let of_origin = origin.split_once("://").map(|(_, host)| host);
    host.is_some() && of_origin == host
}

#[cfg(test)]
mod tests {
    use super::is_own;
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    #[test]
    fn whose_page_asks() {
        let cases: [(&[(&'static str, &'static str)], bool); 8] = [
            (&[("host", "a.test")], true),
            (&[("host", "a.test"), ("origin", "http://a.test")], true),
            (
                &[("host", "a.test"), ("origin", "http://evil.a.test")],
                false,
            ),
            (&[("host", "a.test"), ("origin", "null")], false),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (
                &[
                    ("sec-fetch-site", "same-site"),
                    ("origin", "http://a.test"),
                    ("host", "a.test"),
                ],
                false,
            ),
            (&[("sec-fetch-site", "cross-site")], false),
        ];
        for (headers, expected) in cases {
            let pair = |(name, value): &(&'static str, &'static str)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            };
            let map: HeaderMap = headers.iter().map(pair).collect();
            assert_eq!(is_own(&map), expected, "{headers:?}");
        }
    }
}
