//! Which host a line of HTTP means. Pure.
//!
//! ```text
//! Host: NAME:80            NAME
//! GET http://NAME/ ...     NAME
//! GET / HTTP/1.1           none
//! PRI * HTTP/2.0           cannot be told
//! ```
//! Servers differ in what they take for a request, so what only one of them could take for one is one.

/// The host that a line of HTTP means, without its port; empty: it means one and does not say which.
pub(super) fn meant(line: &str, is_cut: bool) -> Option<String> {
    let line = line.trim_matches(blank);
    let (name, value) = line.split_once(':').unwrap_or_default();
    let is = |header| name.trim_matches(blank).eq_ignore_ascii_case(header);
    let authority = if is("host") {
        value.trim_matches(blank)
    } else if is("upgrade") {
        // What follows then is no text (RFC 7540, 3.2).
        return value.to_ascii_lowercase().contains("h2c").then(String::new);
    } else {
        requested(line, is_cut)?
    };
    let place = authority
        .rsplit_once('@')
        .map_or(authority, |(_, place)| place);
    let end = match place.find(']') {
        Some(bracket) => bracket + 1,
        None => place.find(':').unwrap_or(place.len()),
    };
    let host = place[..end].trim_matches(['[', ']']);
    Some(host.strip_suffix('.').unwrap_or(host).to_owned())
}

/// The host that is in the target of a request, if one is; empty: it cannot be told. Of methods, targets and versions whatever some
/// server takes counts, such as a request without a version.
fn requested(line: &str, is_cut: bool) -> Option<&str> {
    let (method, rest) = line.split_once(blank)?;
    let (target, version) = rest.rsplit_once(blank).unwrap_or(("", rest));
    let begin = version.get(..5).unwrap_or_default();
    let target = if begin.eq_ignore_ascii_case("HTTP/") {
        target.trim_matches(blank)
    } else if is_cut || (target.is_empty() && !method.contains(':')) {
        rest
    } else {
        return None;
    };
    if method == "PRI" {
        // What follows is no text (RFC 9113, 3.4).
        return Some("");
    }
    if method.eq_ignore_ascii_case("CONNECT") {
        return Some(target);
    }
    if target.starts_with('/') {
        return None;
    }
    let (_, after) = target.split_once("://")?;
    match after.find(['/', '?', '#']) {
        Some(end) => Some(&after[..end]),
        None if is_cut => Some(""),
        None => Some(after),
    }
}

/// Servers take other letters than a space for one.
pub(super) fn blank(letter: char) -> bool {
    letter <= ' '
}
