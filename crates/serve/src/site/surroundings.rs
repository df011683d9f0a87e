//! What of our own surroundings the builds of strangers may see.

use std::path::Path;

use boatyard_plan::build::PASSED;
use tokio::process::Command;

/// Variables by name, besides those that steps see: where things are on this machine, how they are said, and settings of ours.
const SHOWN: [&str; 16] = [
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
    "BOATYARD_IGNORE_VALID_UNTIL",
    "BOATYARD_ISOLATION",
    "BOATYARD_MIRRORS",
    "BOATYARD_PLAIN_HTTP",
    "BOATYARD_SNAPSHOTS",
    "BOATYARD_UV",
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
    let is_known = SHOWN.contains(&name) || PASSED.contains(&name) || name.starts_with("LC_");
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
            // Secrets are variables of any name that the configuration gives them.
            ("BOATYARD_HOOK_SECRET", "abc", false),
            ("GITHUB_TOKEN", "abc", false),
            ("HOME", "/root", false),
            ("PIP_CONFIG_FILE", "/root/pip.conf", false),
        ] {
            assert_eq!(is_shown(name, value), expected, "{name}={value}");
        }
    }
}
