//! What the headers of an answer say.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use ureq::Body;
use ureq::http::Response;

/// How long a forge may have us wait at most: after that it is asked, whatever it said.
const LONGEST: Duration = Duration::from_secs(60 * 60);
/// How long to wait where it does not say.
const USUAL: Duration = Duration::from_secs(60);

/// An answer that is understood.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// The body.
    pub value: Value,
    /// Whether there is another page.
    pub has_next: bool,
    /// How many there are on all pages, if the forge says so.
    pub total: Option<u64>,
}

pub(super) fn header<'a>(response: &'a Response<Body>, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok().map(str::trim)
}

/// Whether the answer has another page (RFC 8288).
pub(super) fn has_next(response: &Response<Body>) -> bool {
    let link = header(response, "link").unwrap_or_default();
    link.split(',')
        .any(|one| one.contains("rel=\"next\"") || one.contains("rel=next"))
}

/// How many there are on all pages: GitLab and Gitea say so.
pub(super) fn total(response: &Response<Body>) -> Option<u64> {
    let found = ["x-total", "x-total-count"].map(|name| header(response, name));
    found
        .into_iter()
        .flatten()
        .find_map(|text| text.parse().ok())
}

/// How long the forge wants us to wait; none: it does not.
pub(super) fn wait(response: &Response<Body>) -> Option<Duration> {
    let number = |name| header(response, name).and_then(|text| text.parse::<u64>().ok());
    let after = number("retry-after").map(Duration::from_secs);
    let is_used_up = ["x-ratelimit-remaining", "ratelimit-remaining"]
        .iter()
        .any(|name| number(name) == Some(0));
    let is_limited = match response.status().as_u16() {
        429 => true,
        403 => after.is_some() || is_used_up,
        503 => after.is_some(),
        _ => false,
    };
    if !is_limited {
        return None;
    }
    let reset = ["x-ratelimit-reset", "ratelimit-reset"]
        .iter()
        .find_map(|name| number(name));
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let until = reset.map(|reset| Duration::from_secs(reset).saturating_sub(now));
    let wait = after.or(until).unwrap_or(USUAL);
    Some(wait.clamp(Duration::from_secs(1), LONGEST))
}
