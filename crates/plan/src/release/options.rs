//! What may be chosen about a release's image, and which choice wins.

use std::collections::BTreeMap;

use crate::project::{Base, Job, Package, Project, Repository, Role, Schedule, User};
use crate::reference::Reference;

/// What may be chosen about a release's image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Python version `3.N`. Without a base it chooses the Debian release.
    pub python: Option<String>,
    /// What the image starts from; default: Debian without documentation.
    pub base: Option<Base>,
    /// Debian packages that the release needs.
    pub packages: Vec<Package>,
    /// Where Debian packages come from besides Debian.
    pub repositories: Vec<Repository>,
    /// The console script that the image runs; default: see the [module](super).
    pub entry_point: Option<String>,
    /// Who runs it.
    pub user: Option<User>,
    /// Constraint files, relative to the folder of the build or absolute.
    pub constraints: Vec<String>,
    /// Folders with wheels that come before those of the index; relative to the folder of the build, or absolute.
    pub find_links: Vec<String>,
    /// pip's configuration file, which says where packages come from. It is no part of the plan: it may hold secrets.
    pub pip_conf: Option<String>,
    /// Absolute paths of folders that outlive containers.
    pub volumes: Vec<String>,
    /// Ports, as `8080/tcp`.
    pub ports: Vec<String>,
    /// Environment of every process.
    pub env: BTreeMap<String, String>,
    /// What the image's name begins with.
    pub prefix: Option<String>,
    /// The image's name behind the prefix; default: the release's, with its extras.
    pub name: Option<String>,
    /// Whole names of the image, instead of `PREFIX/NAME:VERSION`.
    pub tags: Vec<Reference>,
    /// Labels on top of ours.
    pub labels: BTreeMap<String, String>,
    /// What the image can run besides its entry point.
    pub processes: Processes,
}

/// What an image can run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Processes {
    /// Roles; `start` runs the first.
    pub roles: Vec<Role>,
    /// One-off work.
    pub jobs: Vec<Job>,
    /// Scheduled work.
    pub schedules: Vec<Schedule>,
}

impl Processes {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.roles.is_empty() && self.jobs.is_empty() && self.schedules.is_empty()
    }
}

impl Options {
    /// What a project file says about releases; none if it has no `[release]`.
    pub fn of(project: &Project) -> Option<Self> {
        let release = project.release.clone()?;
        let image = &project.image;
        let said = |key: &str| project.lines.of(&format!("image.{key}")).is_some();
        Some(Self {
            python: image.python.clone(),
            base: said("base").then(|| image.base.clone()),
            packages: image.packages.clone(),
            repositories: image.repositories.clone(),
            entry_point: release.entrypoint,
            user: said("user").then(|| image.user.clone()),
            constraints: release.constraints,
            find_links: release.find_links,
            pip_conf: release.pip_conf,
            volumes: release.volumes,
            ports: release.ports,
            env: image.env.clone(),
            prefix: said("prefix").then(|| image.prefix.clone()),
            name: release.name,
            tags: Vec::new(),
            labels: BTreeMap::new(),
            processes: Processes {
                roles: project.roles.clone(),
                jobs: project.jobs.clone(),
                schedules: project.schedules.clone(),
            },
        })
    }

    /// These, and what `below` says where these say nothing. Of lists one wins; variables and labels are joined, and
    /// Debian packages too: what the release needs does not depend on who says it.
    #[must_use]
    pub fn or(self, below: Self) -> Self {
        Self {
            python: self.python.or(below.python),
            base: self.base.or(below.base),
            packages: joined(below.packages, self.packages),
            repositories: first(self.repositories, below.repositories),
            entry_point: self.entry_point.or(below.entry_point),
            user: self.user.or(below.user),
            constraints: first(self.constraints, below.constraints),
            find_links: first(self.find_links, below.find_links),
            pip_conf: self.pip_conf.or(below.pip_conf),
            volumes: first(self.volumes, below.volumes),
            ports: first(self.ports, below.ports),
            env: below.env.into_iter().chain(self.env).collect(),
            prefix: self.prefix.or(below.prefix),
            name: self.name.or(below.name),
            tags: first(self.tags, below.tags),
            labels: below.labels.into_iter().chain(self.labels).collect(),
            processes: if self.processes.is_empty() {
                below.processes
            } else {
                self.processes
            },
        }
    }
}

fn first<T>(one: Vec<T>, other: Vec<T>) -> Vec<T> {
    if one.is_empty() { other } else { one }
}

fn joined<T: PartialEq>(mut one: Vec<T>, other: Vec<T>) -> Vec<T> {
    for item in other {
        if !one.contains(&item) {
            one.push(item);
        }
    }
    one
}

/// A port with its protocol, as images expose it: `8080` is `8080/tcp`.
///
/// # Errors
/// What is wrong with it.
pub fn port(text: &str) -> Result<String, &'static str> {
    let (number, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let fits = |number: &str| number.parse::<u16>().is_ok_and(|port| port != 0);
    match protocol {
        "tcp" | "udp" | "sctp" if fits(number) => Ok(format!("{number}/{protocol}")),
        _ => Err("expected a port such as 8080 or 53/udp"),
    }
}

/// A volume's path without a slash at its end.
///
/// # Errors
/// What is wrong with it.
pub fn volume(text: &str) -> Result<String, &'static str> {
    let trimmed = text.trim_end_matches('/');
    let plain = trimmed.starts_with('/')
        && !trimmed.contains('\0')
        && !trimmed
            .split('/')
            .skip(1)
            .any(|part| matches!(part, "" | "." | ".."));
    if plain {
        Ok(trimmed.to_owned())
    } else {
        Err("expected an absolute path in the image, such as /data")
    }
}

/// A variable, `NAME=value`.
///
/// # Errors
/// What is wrong with it.
pub fn variable(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=value")?;
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if starts && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        Ok((name.to_owned(), value.to_owned()))
    } else {
        Err("a name has letters, digits and _ only, no digit first")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (text, expected) in [
            ("8080", Some("8080/tcp")),
            ("53/udp", Some("53/udp")),
            ("0", None),
            ("70000", None),
            ("80/http", None),
            ("", None),
        ] {
            assert_eq!(port(text).ok().as_deref(), expected, "{text:?}");
        }
        for (text, expected) in [
            ("/data/", Some("/data")),
            ("/a/b", Some("/a/b")),
            ("/", None),
            ("data", None),
            ("/a/../b", None),
            ("/a//b", None),
        ] {
            assert_eq!(volume(text).ok().as_deref(), expected, "{text:?}");
        }
        for (text, fits) in [
            ("A=", true),
            ("A=b=c", true),
            ("A", false),
            ("1=a", false),
            ("=a", false),
        ] {
            assert_eq!(variable(text).is_ok(), fits, "{text:?}");
        }
    }

    #[test]
    fn flags_come_before_files() {
        let of = |name: &str| Package {
            run: Some(name.to_owned()),
            build: None,
        };
        let pairs = |pairs: &[(&str, &str)]| {
            let owned = pairs
                .iter()
                .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
            owned.collect::<BTreeMap<_, _>>()
        };
        let flags = Options {
            python: Some("3.13".to_owned()),
            packages: vec![of("b")],
            ports: vec!["1/tcp".to_owned()],
            env: pairs(&[("A", "flag")]),
            ..Options::default()
        };
        let file = Options {
            python: Some("3.11".to_owned()),
            packages: vec![of("a"), of("b")],
            ports: vec!["2/tcp".to_owned()],
            volumes: vec!["/data".to_owned()],
            env: pairs(&[("A", "file"), ("B", "file")]),
            prefix: Some("host/team".to_owned()),
            ..Options::default()
        };
        let expected = Options {
            python: Some("3.13".to_owned()),
            packages: vec![of("a"), of("b")],
            ports: vec!["1/tcp".to_owned()],
            volumes: vec!["/data".to_owned()],
            env: pairs(&[("A", "flag"), ("B", "file")]),
            prefix: Some("host/team".to_owned()),
            ..Options::default()
        };
        assert_eq!(flags.or(file), expected);
    }
}
