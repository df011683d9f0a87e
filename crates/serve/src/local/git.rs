//! How Git is called. Pure.

use std::path::Path;

use tokio::process::Command;

use self::base64_of::base64;
use super::site::Origin;

/// Git on a mirror, without hooks, questions, or maintenance behind our back.
pub(super) fn on_mirror(mirror: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .arg("--git-dir")
        .arg(mirror)
        .args(["-c", "core.hooksPath=/dev/null"])
        .args(["-c", "core.fsmonitor=false"])
        .args(["-c", "gc.auto=0"])
        .args(["-c", "maintenance.auto=false"])
        .args(["-c", "protocol.ext.allow=never"])
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true);
    // What somebody has set for a checkout of his own is not about ours.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(variable);
    }
    command
}

/// Has Git say the token: in its environment, which only we can read, not among its words, which everybody can.
pub(super) fn say_token(command: &mut Command, origin: &Origin) {
    let mut settings = Vec::new();
    if let Some(token) = &origin.token {
        let both = base64(format!("{}:{}", origin.user, token.reveal()).as_bytes());
        let key = format!("http.{}.extraHeader", host_of(&origin.url));
        settings.push((key, format!("Authorization: Basic {both}")));
    }
    if let Some(file) = &origin.authority {
        settings.push(("http.sslCAInfo".to_owned(), file.display().to_string()));
    }
    command.env("GIT_CONFIG_COUNT", settings.len().to_string());
    for (at, (key, value)) in settings.into_iter().enumerate() {
        command
            .env(format!("GIT_CONFIG_KEY_{at}"), key)
            .env(format!("GIT_CONFIG_VALUE_{at}"), value);
    }
}

/// Scheme and host of a URL: a redirect to somebody else does not get the token.
fn host_of(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let host = rest.split('/').next().unwrap_or_default();
    format!("{scheme}://{host}/")
}

/// Whether a commit is what Git calls one: hexadecimal digits, as many as SHA-1 or SHA-256 has.
pub(super) fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

mod base64_of {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /// RFC 4648, section 4.
    pub(super) fn base64(bytes: &[u8]) -> String {
        let mut text = String::new();
        for group in bytes.chunks(3) {
            let mut number = 0_usize;
            for at in 0..3 {
                number = number << 8 | usize::from(group.get(at).copied().unwrap_or(0));
            }
            for at in 0..4 {
                if at <= group.len() {
                    text.push(char::from(ALPHABET[number >> (18 - 6 * at) & 63]));
                } else {
                    text.push('=');
                }
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::base64_of::base64;
    use super::{host_of, is_commit};

    #[test]
    fn base64_as_in_the_rfc() {
        for (plain, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), expected);
        }
    }

    #[test]
    fn tokens_are_for_one_host_and_commits_are_commits() {
        assert_eq!(
            host_of("https://git.example.org/acme/shop.git"),
            "https://git.example.org/"
        );
        assert!(is_commit(&"a1".repeat(20)));
        assert!(!is_commit("--upload-pack=x") && !is_commit(&"g".repeat(40)));
    }
}
