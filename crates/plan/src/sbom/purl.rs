//! Package URLs, as <https://github.com/package-url/purl-spec> writes them.

use std::fmt::Write as _;

/// `pkg:TYPE/NAMESPACE/NAME@VERSION?QUALIFIERS`. Qualifiers come sorted by name; empty ones are left out.
pub(crate) fn purl(
    kind: &str,
    path: &[&str],
    version: &str,
    qualifiers: &[(&str, &str)],
) -> String {
    debug_assert!(qualifiers.is_sorted(), "purls sort their qualifiers");
    let path: Vec<String> = path.iter().map(|part| encoded(part, "")).collect();
    let mut text = format!("pkg:{kind}/{}@{}", path.join("/"), encoded(version, ""));
    let mut before = '?';
    for (name, value) in qualifiers.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = write!(text, "{before}{name}={}", encoded(value, "/"));
        before = '&';
    }
    text
}

/// Everything but letters, digits, `.-_~:` and those in `kept` as `%XX`.
fn encoded(text: &str, kept: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let letter = char::from(byte);
        if byte.is_ascii_alphanumeric() || ".-_~:".contains(letter) || kept.contains(letter) {
            out.push(letter);
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::purl;

    #[test]
    fn what_is_not_plain_is_encoded() {
        let found = purl(
            "deb",
            &["debian", "libstdc++6"],
            "1:12.2~rc+1@é",
            &[("arch", "amd64"), ("distro", ""), ("upstream", "gcc@12")],
        );
        assert_eq!(
            found,
            "pkg:deb/debian/libstdc%2B%2B6@1:12.2~rc%2B1%40%C3%A9?arch=amd64&upstream=gcc%4012"
        );
    }
}
