//! Cookies that environments set: whoever's commit it is, they hold for no other environment, nor for the page of the server.

use axum::http::header::Entry;
use axum::http::{HeaderMap, HeaderValue, header};

/// Has the cookies that an answer of `host` sets hold there and below it at most: a `Domain` that names more is taken out, and the
/// cookie is that of the host alone. Attributes are found as browsers find them (RFC 6265 section 5.2).
pub fn confine(headers: &mut HeaderMap, host: &str) {
    if let Entry::Occupied(mut cookies) = headers.entry(header::SET_COOKIE) {
        let all = cookies.iter_mut();
        all.for_each(|cookie| *cookie = confined(cookie, host));
    }
}

/// The cookie without the domains that are not of `host`.
fn confined(cookie: &HeaderValue, host: &str) -> HeaderValue {
    let parts = cookie.as_bytes().split(|byte| *byte == b';').enumerate();
    // The first part is its name and value, whatever it is called.
    let kept = parts.filter(|(index, part)| *index == 0 || !is_foreign(part, host.as_bytes()));
    let kept: Vec<&[u8]> = kept.map(|(_, part)| part).collect();
    // An empty one sets nothing.
    HeaderValue::from_bytes(&kept.join(&b';')).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Whether an attribute is a domain that is neither `host` nor below it.
fn is_foreign(attribute: &[u8], host: &[u8]) -> bool {
    let mut halves = attribute.splitn(2, |byte| *byte == b'=');
    let mut half = || halves.next().unwrap_or_default().trim_ascii();
    let (name, value) = (half(), half());
    let domain = value.strip_prefix(b".").unwrap_or(value);
    name.eq_ignore_ascii_case(b"domain") && !is_within(domain, host)
}

fn is_within(domain: &[u8], host: &[u8]) -> bool {
    let Some(more) = domain.len().checked_sub(host.len()) else {
        return false;
    };
    let (below, same) = domain.split_at(more);
    !host.is_empty()
        && same.eq_ignore_ascii_case(host)
        && (below.is_empty() || below.ends_with(b"."))
}

#[cfg(test)]
mod tests {
    use super::confine;
    use axum::http::{HeaderMap, HeaderValue, header};

    #[test]
    fn cookies_hold_for_no_other_host() {
        let cases: [(&[u8], &[u8]); 19] = [
            (b"a=1; Path=/; HttpOnly", b"a=1; Path=/; HttpOnly"),
            (b"a=1; Domain=p.test; Path=/", b"a=1; Path=/"),
            (b"a=1;\tDOMAIN = .P.Test ;Secure", b"a=1;Secure"),
            (b"a=1; Domain=test", b"a=1"),
            (b"a=1; Domain=other.p.test", b"a=1"),
            (b"a=1; Domain=notmain.p.test", b"a=1"),
            (b"a=1; Domain=\"main.p.test\"", b"a=1"),
            (b"a=1; Domain", b"a=1"),
            (b"a=1; Domain=; Path=/", b"a=1; Path=/"),
            (b"a=1; domain=main.p.test", b"a=1; domain=main.p.test"),
            (b"a=1; Domain=.Main.P.Test", b"a=1; Domain=.Main.P.Test"),
            (b"a=1; Domain=x.main.p.test", b"a=1; Domain=x.main.p.test"),
            // The last would count.
            (
                b"a=1; Domain=main.p.test; Domain=p.test",
                b"a=1; Domain=main.p.test",
            ),
            (
                b"a=1; Domain=p.test; Domain=main.p.test; Secure",
                b"a=1; Domain=main.p.test; Secure",
            ),
            // None of these is an attribute of that name.
            (b"Domain=p.test; Path=/", b"Domain=p.test; Path=/"),
            (b"a=Domain=p.test", b"a=Domain=p.test"),
            (b"a=1; Path=/Domain=p.test", b"a=1; Path=/Domain=p.test"),
            // What is no text stays as it is.
            (b"a=\xff; Domain=p.test; x=\xfe", b"a=\xff; x=\xfe"),
            (b"a=1; Domain=\xffmain.p.test", b"a=1"),
        ];
        for (sent, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.append(header::SET_COOKIE, HeaderValue::from_bytes(sent).unwrap());
            let second = HeaderValue::from_static("b=2; Domain=p.test");
            headers.append(header::SET_COOKIE, second);
            confine(&mut headers, "main.p.test");
            let all = headers.get_all(header::SET_COOKIE).into_iter();
            let found: Vec<&[u8]> = all.map(HeaderValue::as_bytes).collect();
            let shown = String::from_utf8_lossy(sent);
            assert_eq!(found, [expected, b"b=2".as_slice()], "{shown}");
        }
    }

    #[test]
    fn where_no_host_was_asked_for_no_domain_is_its_own() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::SET_COOKIE,
            HeaderValue::from_static("a=1; Domain=p.test."),
        );
        confine(&mut headers, "");
        assert_eq!(headers[header::SET_COOKIE], "a=1");
    }
}
