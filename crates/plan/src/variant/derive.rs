//! From an image to one of its forms.

use boatyard_init::contract::BINARY;

use super::{Change, Derived, Facts, Places, Variant, Wishes, k8s};
use crate::image::{Healthcheck, RunConfig};

/// The label that says which form an image is.
pub const LABEL: &str = "dev.boatyard.variant";

/// Folders with what a build leaves behind.
const CACHES: [&str; 2] = ["/var/cache/apt", "/var/lib/apt/lists"];

/// Where the user lives that builds run as.
const ROOT_HOME: &str = "/root";

/// Names in the working folder that nobody needs when the application runs.
const DEVELOPMENT: [&str; 7] = [
    ".git",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".tox",
    "test",
    "tests",
];

/// Where to look in an image with this configuration before a variant is derived.
pub fn places(config: &RunConfig) -> Places {
    let mut places = Places::default();
    let workdir = config.working_dir.trim_end_matches('/');
    if !workdir.is_empty() {
        places
            .written
            .push((workdir.to_owned(), "the working folder"));
        let development = DEVELOPMENT.map(|name| format!("{workdir}/{name}"));
        places.leftovers.extend(development);
    }
    let volumes = config.volumes.keys();
    places
        .written
        .extend(volumes.map(|path| (path.clone(), "a volume")));
    let home = config
        .env
        .iter()
        .find_map(|pair| pair.strip_prefix("HOME="));
    if let Some(home) = home.map(|home| home.trim_end_matches('/'))
        && !home.is_empty()
    {
        places.written.push((home.to_owned(), "the home"));
        places.leftovers.push(format!("{home}/.cache"));
    }
    places.leftovers.push(format!("{ROOT_HOME}/.cache"));
    places.leftovers.extend(CACHES.map(str::to_owned));
    places.leftovers.sort();
    places.leftovers.dedup();
    places
}

/// The form of an image with this configuration. The same input gives the same form, and the form of a form is itself.
pub fn derive(variant: Variant, config: &RunConfig, facts: &Facts, wishes: &Wishes) -> Derived {
    let mut derived = Derived {
        config: config.clone(),
        additions: Vec::new(),
        changes: Vec::new(),
        remarks: Vec::new(),
    };
    match variant {
        Variant::Docker => docker(&mut derived, facts),
        Variant::K8s => k8s::harden(&mut derived, facts, wishes),
    }
    let labels = &mut derived.config.labels;
    labels.insert(LABEL.to_owned(), variant.name().to_owned());
    derived
}

/// As its author wrote it; Docker asks the application if the image knows how.
fn docker(derived: &mut Derived, facts: &Facts) {
    let config = &mut derived.config;
    let has_check = config
        .healthcheck
        .as_ref()
        .is_some_and(|check| !check.test.is_empty());
    if has_check || !facts.has_ready {
        return;
    }
    config.healthcheck = Some(Healthcheck {
        test: ["CMD", BINARY, "ready"].map(str::to_owned).into(),
        ..Healthcheck::default()
    });
    derived.changes.push(Change {
        what: format!("HEALTHCHECK {BINARY} ready"),
        why: "Docker asks the role as `ready` in boatyard.toml says".to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_to_look() {
        let config = RunConfig {
            working_dir: "/app/".to_owned(),
            env: vec!["HOME=/home/a".to_owned()],
            ..RunConfig::default()
        };
        let places = places(&config);
        assert_eq!(
            places.written,
            [
                ("/app".to_owned(), "the working folder"),
                ("/home/a".to_owned(), "the home")
            ]
        );
        for path in ["/app/tests", "/home/a/.cache", "/var/lib/apt/lists"] {
            assert!(places.leftovers.iter().any(|found| found == path), "{path}");
        }
        // In the root of an image nothing is known by its name.
        let root = RunConfig {
            working_dir: "/".to_owned(),
            ..RunConfig::default()
        };
        let found = super::places(&root).leftovers;
        assert_eq!(found[1..], CACHES);
    }
}
