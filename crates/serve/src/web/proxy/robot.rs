//! Who asks without anybody wanting to see anything: such requests wake nothing.

use axum::http::{HeaderMap, Method, header};

/// Parts of names that programs have which look at everything: search engines, link previews, monitors, scanners, probes.
const NAMES: [&str; 30] = [
    "bot",
    "crawl",
    "spider",
    "slurp",
    "archiver",
    "facebookexternalhit",
    "embedly",
    "preview",
    "whatsapp",
    "skypeuripreview",
    "bingpreview",
    "google-read-aloud",
    "mediapartners",
    "apis-google",
    "feedfetcher",
    "lighthouse",
    "pingdom",
    "uptime",
    "statuscake",
    "site24x7",
    "monitor",
    "nagios",
    "check_http",
    "healthcheck",
    "kube-probe",
    "elb-healthchecker",
    "googlehc",
    "blackbox",
    "prometheus",
    "scan",
];

/// Whether nobody wants to see anything: it says that it is a robot, asks for the head only, or fetches what may be wanted later.
pub fn is_robot(method: &Method, headers: &HeaderMap) -> bool {
    let text = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_ascii_lowercase()
    };
    let agent = text(header::USER_AGENT.as_str());
    let purposes = ["purpose", "sec-purpose", "x-purpose", "x-moz"].map(text);
    matches!(*method, Method::HEAD | Method::OPTIONS | Method::TRACE)
        || NAMES.iter().any(|name| agent.contains(name))
        || purposes
            .iter()
            .any(|purpose| purpose.contains("prefetch") || purpose.contains("preview"))
        || text("from").contains("bot")
}

/// Whether a person waits in front of a browser for a page.
pub fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    let accepts = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    let mode = headers
        .get("sec-fetch-mode")
        .and_then(|value| value.to_str().ok());
    *method == Method::GET
        && accepts.is_some_and(|accepts| accepts.contains("text/html"))
        && mode.is_none_or(|mode| mode == "navigate")
}

#[cfg(test)]
mod tests {
    use super::{is_navigation, is_robot};
    use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};

    type Headers = &'static [(&'static str, &'static str)];
    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

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
    fn who_wakes_nothing() {
        let cases: [(Method, Headers, bool); 9] = [
            (Method::GET, &[("user-agent", FIREFOX)], false),
            (Method::GET, &[("user-agent", "curl/8.1")], false),
            (Method::GET, &[], false),
            (
                Method::GET,
                &[("user-agent", "Mozilla/5.0 (compatible; Googlebot/2.1)")],
                true,
            ),
            (Method::GET, &[("user-agent", "kube-probe/1.33")], true),
            (
                Method::GET,
                &[("user-agent", "Slackbot-LinkExpanding 1.0")],
                true,
            ),
            (
                Method::GET,
                &[
                    ("user-agent", FIREFOX),
                    ("sec-purpose", "prefetch;prerender"),
                ],
                true,
            ),
            (Method::HEAD, &[("user-agent", FIREFOX)], true),
            (Method::POST, &[("user-agent", "python-requests/2")], false),
        ];
        for (method, headers, expected) in cases {
            assert_eq!(
                is_robot(&method, &map(headers)),
                expected,
                "{method} {headers:?}"
            );
        }
    }

    #[test]
    fn who_waits_for_a_page() {
        const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        let cases: [(Method, Headers, bool); 5] = [
            (Method::GET, &[HTML], true),
            (Method::GET, &[HTML, ("sec-fetch-mode", "navigate")], true),
            (Method::GET, &[HTML, ("sec-fetch-mode", "cors")], false),
            (Method::POST, &[HTML], false),
            (Method::GET, &[("accept", "application/json")], false),
        ];
        for (method, headers, expected) in cases {
            assert_eq!(
                is_navigation(&method, &map(headers)),
                expected,
                "{method} {headers:?}"
            );
        }
    }
}
