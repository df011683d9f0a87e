//! What the host's apt is configured to use: its sources and its proxy.

use std::fs;
use std::path::{Path, PathBuf};

use super::control;

/// One archive and suite of the host's apt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AptSource {
    /// Its URL.
    pub url: String,
    /// Its suite.
    pub suite: String,
    /// The keyring that it names, if it names a file.
    pub keyring: Option<PathBuf>,
}

/// Names under which the suites of Debian itself go, without `-updates` and the like.
const SUITES: &[&str] = &[
    "bullseye",
    "bookworm",
    "trixie",
    "forky",
    "sid",
    "oldoldstable",
    "oldstable",
    "stable",
    "testing",
    "unstable",
];

impl AptSource {
    /// Whether it looks like an archive of Debian itself, judged by the name of its suite and its path.
    pub fn is_debian(&self) -> bool {
        let base = self.suite.split(['-', '/']).next().unwrap_or_default();
        let path = self.url.trim_end_matches('/');
        SUITES.contains(&base)
            && (path.ends_with("/debian") || self.is_security())
            && (self.url.starts_with("http:")
                || self.url.starts_with("https:")
                || self.url.starts_with("file:"))
    }

    /// Whether it carries security updates.
    pub fn is_security(&self) -> bool {
        self.suite.ends_with("-security") && self.url.contains("security")
    }
}

/// The sources of the host's apt, from below `etc` (normally `/etc`). What cannot be read is passed over.
pub fn sources(etc: &Path) -> Vec<AptSource> {
    let mut found = fs::read_to_string(etc.join("apt/sources.list"))
        .map(|text| parse_one_line(&text))
        .unwrap_or_default();
    for path in sorted(&etc.join("apt/sources.list.d")) {
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("list") => found.extend(parse_one_line(&text)),
            Some("sources") => found.extend(parse_deb822(&text)),
            _ => {}
        }
    }
    found
}

/// The proxy of the host's apt (`Acquire::http::Proxy`), from below `etc`. The last setting counts; `DIRECT` is none.
pub fn proxy(etc: &Path) -> Option<String> {
    let mut files = sorted(&etc.join("apt/apt.conf.d"));
    files.push(etc.join("apt/apt.conf"));
    let text: String = files
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .map(|text| text + "\n")
        .collect();
    parse_proxy(&text)
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    paths
}

/// Reads the one-line format: `deb [signed-by=FILE] URL SUITE COMPONENT...`.
pub fn parse_one_line(text: &str) -> Vec<AptSource> {
    text.lines().filter_map(one_line).collect()
}

fn one_line(line: &str) -> Option<AptSource> {
    let rest = line.split('#').next()?.trim().strip_prefix("deb")?;
    let rest = rest.strip_prefix([' ', '\t'])?.trim();
    let (options, rest) = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => ("", rest),
    };
    let mut words = rest.split_whitespace();
    Some(AptSource {
        url: words.next()?.to_owned(),
        suite: words.next()?.to_owned(),
        keyring: options
            .split_whitespace()
            .find_map(|option| option.strip_prefix("signed-by="))
            .and_then(keyring),
    })
}

/// Reads the deb822 format: `URIs`, `Suites`, `Signed-By`.
pub fn parse_deb822(text: &str) -> Vec<AptSource> {
    let mut found = Vec::new();
    for paragraph in control::paragraphs(text) {
        let words = |field| paragraph.get(field).unwrap_or_default().split_whitespace();
        let disabled = paragraph
            .get("Enabled")
            .is_some_and(|value| value.eq_ignore_ascii_case("no"));
        if disabled || !words("Types").any(|kind| kind == "deb") {
            continue;
        }
        for url in words("URIs") {
            for suite in words("Suites") {
                found.push(AptSource {
                    url: url.to_owned(),
                    suite: suite.to_owned(),
                    keyring: paragraph.get("Signed-By").and_then(keyring),
                });
            }
        }
    }
    found
}

/// A keyring by path. Keys in the text itself and fingerprints are not supported.
fn keyring(value: &str) -> Option<PathBuf> {
    (value.starts_with('/') && !value.contains('\n')).then(|| PathBuf::from(value))
}

/// Finds `Acquire::http::Proxy "URL";` in an apt configuration, written so or as nested scopes.
fn parse_proxy(text: &str) -> Option<String> {
    let mut scopes: Vec<String> = Vec::new();
    let mut found = None;
    for token in tokens(text) {
        match token.as_str() {
            "}" => {
                scopes.pop();
            }
            token => {
                let (head, opens) = match token.strip_suffix('{') {
                    Some(head) => (head.trim(), true),
                    None => (token, false),
                };
                let (name, value) = match head.split_once(char::is_whitespace) {
                    Some((name, value)) => (name, value.trim().trim_matches('"')),
                    None => (head, ""),
                };
                let mut full = scopes.join("::");
                if !full.is_empty() && !name.is_empty() {
                    full.push_str("::");
                }
                full.push_str(name);
                if full.eq_ignore_ascii_case("acquire::http::proxy") && !value.is_empty() {
                    found = (value != "DIRECT" && value != "false").then(|| value.to_owned());
                }
                if opens {
                    scopes.push(name.to_owned());
                }
            }
        }
    }
    found
}

/// Statements: what ends with `;`, what opens a scope (ends with `{`), and `}`. Comments are left out.
fn tokens(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut statement = String::new();
    let mut quoted = false;
    for line in text.lines() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("//") || (trimmed.starts_with('#') && !quoted) {
            continue;
        }
        for letter in line.chars().chain(['\n']) {
            quoted ^= letter == '"';
            match letter {
                '{' if !quoted => {
                    found.push(format!("{}{{", std::mem::take(&mut statement).trim()));
                }
                ';' | '}' if !quoted => {
                    let whole = std::mem::take(&mut statement);
                    if !whole.trim().is_empty() {
                        found.push(whole.trim().to_owned());
                    }
                    if letter == '}' {
                        found.push("}".to_owned());
                    }
                }
                letter => statement.push(letter),
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_formats() {
        let lines = "# deb http://no/debian x main\ndeb-src http://no/debian bookworm main\n\
                     deb [arch=amd64 signed-by=/k.gpg] https://m/debian bookworm main contrib # note\n\
                     deb http://m/debian-security bookworm-security main\n";
        let found = parse_one_line(lines);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].keyring, Some(PathBuf::from("/k.gpg")));
        assert!(found[0].is_debian() && !found[0].is_security());
        assert!(found[1].is_debian() && found[1].is_security());
        let stanzas = "Types: deb deb-src\nURIs: http://m/debian\nSuites: trixie trixie-updates\nSigned-By:\n -----BEGIN\n\n\
                       Enabled: no\nTypes: deb\nURIs: http://no\nSuites: x\n";
        let suites: Vec<String> = parse_deb822(stanzas)
            .into_iter()
            .map(|source| source.suite)
            .collect();
        assert_eq!(suites, ["trixie", "trixie-updates"]);
    }

    #[test]
    fn other_peoples_archives_are_not_debian() {
        for (url, suite) in [
            (
                "https://packages.cloud.google.com/apt",
                "cloud-sdk-bookworm",
            ),
            ("https://deb.nodesource.com/node_20.x", "nodistro"),
            ("https://download.docker.com/linux/debian-ce", "bookworm"),
            ("cdrom:[x]/debian", "bookworm"),
        ] {
            let source = AptSource {
                url: url.to_owned(),
                suite: suite.to_owned(),
                keyring: None,
            };
            assert!(!source.is_debian(), "{url}");
        }
    }

    #[test]
    fn finds_the_proxy() {
        for (text, expected) in [
            (
                "Acquire::http::Proxy \"http://p:3128\";",
                Some("http://p:3128"),
            ),
            (
                "Acquire { http { Proxy \"http://p:3128/\"; }; };",
                Some("http://p:3128/"),
            ),
            (
                "Acquire::http { Proxy \"http://p\"; };\nAcquire::http::Proxy \"DIRECT\";",
                None,
            ),
            (
                "// Acquire::http::Proxy \"http://p\";\nAPT { Proxy \"x\"; };",
                None,
            ),
            ("Acquire::https::Proxy \"http://p\";", None),
        ] {
            assert_eq!(parse_proxy(text).as_deref(), expected, "{text}");
        }
    }
}
