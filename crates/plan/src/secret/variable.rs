//! What looks like a secret: by its name, by its shape, by where it stands.

use super::command::in_command;
use super::password::passwords;

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
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_lowercase();
    let has = |words: &[&str]| {
        name.split(['_', '-', '.'])
            .any(|part| words.contains(&part))
    };
    has(&SECRET) && !has(&HARMLESS)
}

/// Whether a variable of this name and value holds a secret: everything that checks, carries over or renders variables
/// asks this. A value that is a path or an address says where something is; what is in an address is looked at.
pub fn is_secret(name: &str, value: &str) -> bool {
    // auth.conf is a file of a ConfigMap.
    let is_file = name.contains('.') && value.contains('\n');
    let is_elsewhere = value.starts_with('/') || value.contains("://");
    let is_open = value.is_empty() || is_elsewhere || is_file || matches!(value, "true" | "false");
    is_secret_value(value) || (is_secret_name(name) && !is_open)
}

/// Whether a value is a secret by its shape: a key, a token, an address with a password.
pub fn is_secret_value(value: &str) -> bool {
    value.contains("PRIVATE KEY-----") || !said(value).is_empty()
}

/// The tokens and passwords that a text says, each once, the longest first.
pub fn said(text: &str) -> Vec<&str> {
    let mut found = passwords(text);
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
    found.extend(words.filter(|word| is_token(word)));
    found.sort_by_key(|secret| (std::cmp::Reverse(secret.len()), *secret));
    found.dedup();
    found
}

/// The text without the tokens and passwords that it says.
pub fn hidden(text: &str) -> String {
    let given = in_command(text).into_iter();
    let mut secrets: Vec<&str> = given.map(|given| &text[given.span]).collect();
    secrets.extend(said(text));
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    let secrets = secrets.into_iter();
    secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
}

/// Whether a value is a token by its shape: those that services mark.
pub fn is_token(value: &str) -> bool {
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
        && !value.ends_with("EXAMPLE")
        && value
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    is_amazon
        || PREFIXES.iter().any(|(prefix, length)| {
            value.starts_with(prefix) && value.len() >= *length && !value.contains('$')
        })
}

#[cfg(test)]
mod tests {
    use super::{hidden, is_secret, is_secret_name, is_secret_value};

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
        for (value, expected) in [
            ("postgres://app:hunter2@db/shop", true),
            ("redis://:x@cache:6379/0", true),
            ("jdbc:postgresql://a:b#c@db:5432/shop?x=y", true),
            ("a=http://x/ b=amqp://u:p@q", true),
            ("https://db/?user=a&password=hunter2", true),
            ("https://x/callback?access_token=abc", true),
            ("https://x/?page=2&sort=key", false),
            ("https://x/?token=", false),
            ("https://x/?token=$TOKEN&sslkey=/etc/key", false),
            ("host=db user=app password=hunter2", true),
            ("Server=db;Uid=app;Pwd=hunter2;", true),
            ("app --password=hunter2", true),
            ("app --password-file=/run/secrets/x", false),
            ("amqp://app:${QUEUE_PASSWORD}@queue", false),
            ("postgres://app@db/shop", false),
            ("postgres://app:@db/shop", false),
            ("postgres://app:$DB_PASSWORD@db/shop", false),
            ("postgres://app:{{ .Values.password }}@db/shop", false),
            ("http://localhost:8080/a@b:c@d", false),
            ("http://localhost:8080?mail=a@b", false),
            ("a:b@c", false),
        ] {
            assert_eq!(is_secret_value(value), expected, "{value}");
        }
        for (name, value, expected) in [
            ("SECRET_KEY", "hunter2", true),
            ("SECRET_KEY", "", false),
            ("SECRET_KEY", "/run/secrets/key", false),
            ("AUTH", "true", false),
            ("AUTH", "http://auth:8080", false),
            ("AUTH", "http://me:hunter2@auth:8080", true),
            ("auth.conf", "a = 1\nb = 2\n", false),
            ("TLS_SECRET", "a\nb\n", true),
            ("GREETING", "hunter2", false),
        ] {
            assert_eq!(is_secret(name, value), expected, "{name}={value}");
        }
        assert_eq!(
            hidden("redis://:hunter2@a and redis://:hunter22@b?password=x1"),
            "redis://:***@a and redis://:***@b?password=***"
        );
    }
}
