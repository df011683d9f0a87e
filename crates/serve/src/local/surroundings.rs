//! What of our own surroundings the builds of strangers may see.

use std::path::Path;

use tokio::process::Command;

/// Variables by name: where things are on this machine, how they are reached, how they are said.
const SHOWN: [&str; 26] = [
    "PATH",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "NO_COLOR",
    "RUST_BACKTRACE",
    "SOURCE_DATE_EPOCH",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "http_proxy",
    "HTTP_PROXY",
    "https_proxy",
    "HTTPS_PROXY",
    "no_proxy",
    "NO_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_TRUSTED_HOST",
    "PIP_DEFAULT_TIMEOUT",
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_HTTP_TIMEOUT",
];

/// Has a command live in `home`, and know of our own variables only what strangers may.
pub(super) fn conceal(command: &mut Command, home: &Path) {
    for (name, value) in std::env::vars_os() {
        let shown = name.to_str().zip(value.to_str());
        if !shown.is_some_and(|(name, value)| is_shown(name, value)) {
            command.env_remove(name);
        }
    }
    command.env("BOATYARD_HOME", home).env("HOME", home);
}

/// Whether a stranger's build may see that variable. What is shown to steps is whatever this server was started with: an index
/// or a proxy may have a password in it, and a log that everybody reads would have it next.
fn is_shown(name: &str, value: &str) -> bool {
    let is_known = SHOWN.contains(&name)
        || name.starts_with("LC_")
        || name.starts_with("BOATYARD_") && name != "BOATYARD_TOKEN";
    is_known && !value.contains('@')
}

#[cfg(test)]
mod tests {
    use super::is_shown;

    #[test]
    fn no_passwords() {
        for (name, value, expected) in [
            ("PATH", "/usr/bin", true),
            ("LC_ALL", "C.UTF-8", true),
            ("PIP_INDEX_URL", "https://index.example/simple", true),
            (
                "PIP_INDEX_URL",
                "https://me:secret@index.example/simple",
                false,
            ),
            ("https_proxy", "http://me:secret@proxy.example:3128", false),
            ("BOATYARD_MIRRORS", "docker.io=https://mirror.example", true),
            ("BOATYARD_TOKEN", "abc", false),
            ("GITHUB_TOKEN", "abc", false),
            ("HOME", "/root", false),
            ("PIP_CONFIG_FILE", "/root/pip.conf", false),
        ] {
            assert_eq!(is_shown(name, value), expected, "{name}={value}");
        }
    }
}
