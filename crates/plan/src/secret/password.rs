//! Passwords within a text: in addresses, in what comes after them, in settings of connections.
//!
//! ```text
//! postgres://app:PASSWORD@db/shop    https://host/?token=PASSWORD    host=db password=PASSWORD
//! ```

use super::variable::is_secret_name;

/// The passwords that `text` says, in its order. What names a variable says none.
pub fn passwords(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("://") {
        found.extend(of_address(&text[at + 3..]));
    }
    let is_url = text.contains("://");
    let pieces = text.split(|c: char| c.is_whitespace() || ";&?#\"'`()|,".contains(c));
    for piece in pieces {
        let Some((name, value)) = piece.split_once('=') else {
            continue;
        };
        if names_one(name.trim_start_matches('-'), is_url) && is_said(value) {
            found.push(value);
        }
    }
    found
}

/// Whether an address or a setting has a password in it.
pub fn has_password(text: &str) -> bool {
    !passwords(text).is_empty()
}

/// The password of what follows `://` (RFC 3986, 3.2.1): between the first colon and the last `@` of the authority.
pub(super) fn of_address(rest: &str) -> Option<&str> {
    let end = rest.find(|c: char| c.is_whitespace() || "/?\"'`".contains(c));
    let authority = &rest[..end.unwrap_or(rest.len())];
    let (login, _) = authority.rsplit_once('@')?;
    let (_, password) = login.split_once(':')?;
    is_said(password).then_some(password)
}

/// Whether what is called so is a password; in an address also a token or a key.
fn names_one(name: &str, in_address: bool) -> bool {
    let lower = name.to_ascii_lowercase();
    let is_word = lower
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    let is_password = ["password", "passwd", "pwd", "passphrase"]
        .iter()
        .any(|end| lower.ends_with(end));
    is_word && (is_password || (in_address && (is_secret_name(&lower) || lower.ends_with("token"))))
}

/// Whether a password stands there, and not the name of what holds it, a path, or nothing.
pub(super) fn is_said(password: &str) -> bool {
    let names_variable = password.strip_prefix('$').is_some_and(|name| {
        name.starts_with(['{', '('])
            || name
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    });
    let stands_for = ["{", "<", "%(", "***", "...", "xxx"]
        .iter()
        .any(|start| password.starts_with(start));
    !password.is_empty()
        && !names_variable
        && !stands_for
        && !password.starts_with('/')
        && !["true", "false", "yes", "no", "on", "off", "0", "1"]
            .contains(&password.to_ascii_lowercase().as_str())
}
