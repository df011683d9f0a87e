//! How Git is called: nobody is there to be asked, and the token stands where only we can read it. Pure.

use std::path::Path;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boatyard_preview::config::Concealed;
use tokio::process::Command;

/// Git that asks nobody, and ends with us.
pub(crate) fn command() -> Command {
    let mut command = Command::new("git");
    command
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("SSH_ASKPASS_REQUIRE", "never")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    if std::env::var_os("GIT_SSH_COMMAND").is_none() {
        command.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
    }
    // What somebody has set for a checkout of his own is not about ours.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(variable);
    }
    command
}

/// Has Git ask at `url` as a user with his token, and trust the certificates in `authority` as well. They stand in its
/// environment, which only we can read, not among its words, which everybody can.
pub(crate) fn say_token(
    command: &mut Command,
    url: &str,
    token: Option<(&str, &Concealed)>,
    authority: Option<&Path>,
) {
    if let Some((user, token)) = token {
        let pair = STANDARD.encode(format!("{user}:{}", token.reveal()));
        command
            .env("GIT_CONFIG_COUNT", "1")
            .env(
                "GIT_CONFIG_KEY_0",
                format!("http.{}.extraHeader", host_of(url)),
            )
            .env("GIT_CONFIG_VALUE_0", format!("Authorization: Basic {pair}"));
    }
    if let Some(file) = authority {
        command.env("GIT_SSL_CAINFO", file);
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

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn tokens_are_for_one_host() {
        assert_eq!(
            host_of("https://git.example.org/acme/shop.git"),
            "https://git.example.org/"
        );
    }
}
