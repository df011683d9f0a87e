//! Parts of URLs.

use std::fmt::Write as _;

/// `text` as one part of a path, or with its slashes as several: what is not unreserved (RFC 3986) is escaped.
pub(super) fn escaped(text: &str, keeps_slashes: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if is_plain || byte == b'/' && keeps_slashes {
            out.push(char::from(byte));
        } else {
            // A string takes everything.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn parts() {
        assert_eq!(escaped("a/b c?#%ä", false), "a%2Fb%20c%3F%23%25%C3%A4");
        assert_eq!(escaped("a/b", true), "a/b");
    }
}
