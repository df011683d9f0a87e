//! What looks like a secret.

/// Words in names of secrets.
const SECRET: [&str; 14] = [
    "apikey",
    "auth",
    "credential",
    "credentials",
    "key",
    "password",
    "pword",
    "passwd",
    "pass",
    "secret",
    "secrets",
    "token",
    "pwd",
    "passphrase",
];

/// Words in names of what only sounds like one.
const HARMLESS: [&str; 25] = [
    "public", "file", "files", "path", "dir", "version", "name", "id", "url", "uri", "type",
    "method", "enabled", "expiry", "ttl", "length", "size", "header", "gpg", "user", "host",
    "port", "class", "backend", "limit",
];

/// Whether a variable of this name holds a secret as a rule.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let name = name.to_lowercase();
    let has = |words: &[&str]| {
        name.split(['_', '-', '.'])
            .any(|part| words.contains(&part))
    };
    has(&SECRET) && !has(&HARMLESS)
}

/// Whether a value is a key or a token by its shape.
pub(crate) fn is_secret_value(value: &str) -> bool {
    value.contains("PRIVATE KEY-----") || is_token(value)
}

/// Whether a value is a token by its shape: those that services mark.
pub(crate) fn is_token(value: &str) -> bool {
    const PREFIXES: [(&str, usize); 8] = [
        ("ghp_", 36),
        ("github_pat_", 50),
        ("gho_", 36),
        ("glpat-", 20),
        ("xoxb-", 20),
        ("xoxp-", 20),
        ("sk_live_", 20),
        ("pypi-", 50),
    ];
    let is_amazon = value.len() == 20
        && value.starts_with("AKIA")
        && value
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    is_amazon
        || PREFIXES.iter().any(|(prefix, length)| {
            value.starts_with(prefix) && value.len() >= *length && !value.contains('$')
        })
}

/// Whether this value of this variable should not be read by whoever may read a `ConfigMap`.
pub(crate) fn is_told(name: &str, value: &str) -> bool {
    let single = !value.contains('\n')
        && !value.is_empty()
        && !value.starts_with('/')
        && !value.contains("://");
    is_secret_value(value) || (is_secret_name(name) && single && !matches!(value, "true" | "false"))
}

#[cfg(test)]
mod tests {
    use super::{is_secret_name, is_secret_value};

    #[test]
    fn names_and_values() {
        for (name, expected) in [
            ("DB_PASSWORD", true),
            ("API_TOKEN", true),
            ("SECRET_KEY", true),
            ("SECRET_KEY_FILE", false),
            ("GPG_KEY", false),
            ("TOKENIZERS_PARALLELISM", false),
            ("AUTH_URL", false),
            ("KEYBOARD", false),
        ] {
            assert_eq!(is_secret_name(name), expected, "{name}");
        }
        assert!(is_secret_value(&format!("ghp_{}", "a".repeat(36))));
        assert!(!is_secret_value("ghp_x"));
    }
}
