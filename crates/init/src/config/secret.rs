//! What must not be shown.

/// What is shown instead of a secret.
const MASK: &str = "********";

/// Whether an option's name says that its value is one.
pub fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "key",
        "credential",
        "dsn",
    ]
    .iter()
    .any(|word| key.contains(word))
}

/// The value as it may be shown: hidden if its name says so; a password inside of a URL is hidden anyway.
pub fn masked(key: &str, value: &str) -> String {
    if is_secret(key) {
        return if value.is_empty() {
            String::new()
        } else {
            MASK.to_owned()
        };
    }
    let mut shown = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("://") {
        shown.push_str(before);
        shown.push_str("://");
        let end = after
            .find(|char: char| char.is_whitespace() || "/?#\"',".contains(char))
            .unwrap_or(after.len());
        let (authority, tail) = after.split_at(end);
        match authority
            .rsplit_once('@')
            .map(|(user, host)| (user.split_once(':'), host))
        {
            Some((Some((user, _)), host)) => {
                shown.extend([user, ":", MASK, "@", host]);
            }
            _ => shown.push_str(authority),
        }
        rest = tail;
    }
    shown + rest
}
