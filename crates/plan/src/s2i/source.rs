//! What an S2I repository shows.

use std::collections::BTreeSet;

use crate::project::{Base, Package};

/// What an S2I repository shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Names of the files at its top.
    pub files: BTreeSet<String>,
    /// Names of the scripts in `.s2i/bin`.
    pub scripts: BTreeSet<String>,
    /// Names of the hooks in `.s2i/action_hooks`.
    pub hooks: BTreeSet<String>,
    /// The text of requirements.txt.
    pub requirements: Option<String>,
    /// The variables of `.s2i/environment`, in its order, then those of flags.
    pub environment: Vec<(String, String)>,
}

/// What may be chosen about the image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Python version `3.N`.
    pub python: Option<String>,
    /// What runtime and builder start from; default: Debian without documentation.
    pub base: Option<Base>,
    /// Debian packages.
    pub packages: Vec<Package>,
    /// Ports, as `8080/tcp`; default: the variable `PORT`, or 8080.
    pub ports: Vec<String>,
    /// Absolute paths of volumes.
    pub volumes: Vec<String>,
    /// Whether pip's configuration is given as a secret.
    pub pip_conf: bool,
}

impl Source {
    /// The value of a variable that is set to something.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        let found = self
            .environment
            .iter()
            .rev()
            .find(|(found, _)| found == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Whether requirements.txt alone says what is installed before the source is there: nothing of the repository has a
    /// say in it, neither its files nor hooks nor another way to install.
    pub(super) fn installs_early(&self) -> bool {
        let hooks = ["pre_build", "build_env"]
            .iter()
            .any(|hook| self.hooks.contains(*hook));
        let other = [
            "ENABLE_PIPENV",
            "ENABLE_MICROPIPENV",
            "UPGRADE_PIP_TO_LATEST",
        ];
        !hooks
            && !self.scripts.contains("assemble")
            && !other.iter().any(|name| self.variable(name).is_some())
            && self.requirements.as_deref().is_some_and(stands_alone)
    }

    /// Whether assembling changes nothing but the source folder, so that what was installed early is a layer of its own.
    pub(super) fn assembles_source_only(&self) -> bool {
        let has = |name: &str| self.files.contains(name);
        let setup = (has("setup.py") || has("setup.cfg"))
            && self.variable("DISABLE_SETUP_PY_PROCESSING").is_none();
        let pyproject =
            has("pyproject.toml") && self.variable("DISABLE_PYPROJECT_TOML_PROCESSING").is_none();
        self.installs_early() && !setup && !pyproject && !self.hooks.contains("build")
    }
}

/// Whether a requirements file names nothing on disk: no other file, no folder, no wheel.
fn stands_alone(text: &str) -> bool {
    text.lines().map(str::trim).all(|line| {
        let local = line.starts_with(['.', '/'])
            || line.contains("file:")
            || line.contains(" ./")
            || line.contains("${");
        let option = line.starts_with('-')
            && !line.starts_with("--index-url")
            && !line.starts_with("--extra-index-url");
        !local && !option
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_installed_before_the_source_is_there() {
        for (text, alone) in [
            ("flask==3\ngunicorn # web\n\nx @ https://h/x.tar.gz\n", true),
            ("--extra-index-url https://h/simple\na\n", true),
            ("-r other.txt\n", false),
            ("-e .\n", false),
            (".\n", false),
            ("./wheels/a.whl\n", false),
            ("a @ file:///tmp/src/a\n", false),
            ("-c constraints.txt\na\n", false),
        ] {
            assert_eq!(stands_alone(text), alone, "{text:?}");
        }
        let source = |text: &str| Source {
            requirements: Some(text.to_owned()),
            ..Source::default()
        };
        assert!(source("a").installs_early() && source("a").assembles_source_only());
        assert!(!Source::default().installs_early());
        let mut hooked = source("a");
        hooked.hooks.insert("build".to_owned());
        assert!(hooked.installs_early() && !hooked.assembles_source_only());
        let mut pipenv = source("a");
        pipenv
            .environment
            .push(("ENABLE_PIPENV".to_owned(), "1".to_owned()));
        assert!(!pipenv.installs_early());
        let mut package = source("a");
        package.files.insert("setup.py".to_owned());
        assert!(!package.assembles_source_only());
        package
            .environment
            .push(("DISABLE_SETUP_PY_PROCESSING".to_owned(), "true".to_owned()));
        assert!(package.assembles_source_only());
    }
}
