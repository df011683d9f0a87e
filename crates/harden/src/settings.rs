//! What is looked for: `[check]` of boatyard.toml and the words of the command line.
//!
//! ```toml
//! [check]
//! variant = "k8s"                   # what images are for: "docker", "k8s", or both (default)
//! ignore = ["D12"]
//! severity = { D10 = "error" }
//!
//! [check.path."legacy/**"]
//! ignore = ["D05", "S04"]
//! ```

mod read;

use std::collections::BTreeMap;

use boatyard_plan::variant;

use crate::finding::Severity;

pub use read::read;

/// What images are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Variant {
    /// Whatever: rules of both hold unless they contradict each other.
    #[default]
    Both,
    /// Docker, Compose, Podman: health checks belong into the image.
    Docker,
    /// Kubernetes: probes replace health checks.
    K8s,
}

impl From<variant::Variant> for Variant {
    fn from(variant: variant::Variant) -> Self {
        match variant {
            variant::Variant::Docker => Self::Docker,
            variant::Variant::K8s => Self::K8s,
        }
    }
}

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// What images are for, where the name of a Dockerfile does not say.
    pub variant: Variant,
    /// Rules that are off everywhere.
    pub ignore: Vec<String>,
    /// Severities other than the rules' own.
    pub severity: BTreeMap<String, Severity>,
    /// What stands before a path of the workspace, seen from the folder of the settings: empty, or a folder and `/`.
    pub base: String,
    /// Rules that are off for paths of a pattern (`*` within a folder, `**` over folders).
    pub paths: Vec<(String, Vec<String>)>,
}

impl Settings {
    /// Whether `rule` is off for `path`.
    pub fn ignores(&self, rule: &str, path: &str) -> bool {
        let path = format!("{}{path}", self.base);
        let has = |rules: &[String]| rules.iter().any(|one| one.eq_ignore_ascii_case(rule));
        has(&self.ignore)
            || self
                .paths
                .iter()
                .any(|(pattern, rules)| has(rules) && matches(pattern, &path))
    }
}

/// Whether `path` fits `pattern`. A folder's name fits all that is in it.
pub fn matches(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.trim_end_matches('/').split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    (0..=path.len()).any(|end| all(&pattern, &path[..end]))
}

fn all(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => (0..=path.len()).any(|skip| all(rest, &path[skip..])),
        (Some((first, rest)), Some((name, left))) => {
            one(first.as_bytes(), name.as_bytes()) && all(rest, left)
        }
        _ => false,
    }
}

fn one(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => (0..=name.len()).any(|skip| one(rest, &name[skip..])),
        (Some((b'?', rest)), Some((_, left))) => one(rest, left),
        (Some((a, rest)), Some((b, left))) => a == b && one(rest, left),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_of_paths() {
        for (pattern, path, expected) in [
            ("legacy", "legacy/a/Dockerfile", true),
            ("legacy/**", "legacy/a/Dockerfile", true),
            ("*.Dockerfile", "web.Dockerfile", true),
            ("*.Dockerfile", "a/web.Dockerfile", false),
            ("**/*.sh", "start.sh", true),
            ("**/*.sh", "a/b/start.sh", true),
            ("a/*/c", "a/b/c", true),
            ("a/*/c", "a/b/b/c", false),
            ("a/?.sh", "a/b.sh", true),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }
}
