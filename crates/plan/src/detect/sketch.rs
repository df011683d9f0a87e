//! A boatyard.toml while it is found out.

use std::collections::{BTreeMap, BTreeSet};

use super::{Found, Left};
use crate::project::{BackingKind, When};
use crate::secret::{hidden, referred};

/// What is known so far.
#[derive(Debug, Default)]
pub(super) struct Sketch {
    /// The project's name: a DNS label.
    pub name: String,
    /// `image.base` as it is written in TOML, with its quotes or braces.
    pub base: Option<String>,
    /// `3.N`
    pub python: Option<String>,
    /// Run-time packages.
    pub packages: BTreeSet<String>,
    /// Run-time packages with their build-time partners.
    pub pairs: BTreeMap<String, String>,
    /// Packages that only building needs.
    pub build_packages: BTreeSet<String>,
    /// Key and file of the dependencies.
    pub requirements: Option<(&'static str, String)>,
    /// Environment.
    pub env: BTreeMap<String, String>,
    /// Working folder.
    pub workdir: Option<String>,
    /// What is copied.
    pub copy: Vec<String>,
    /// Whether the sources are in the base already.
    pub is_copied: bool,
    /// Roles in the order in which they were found.
    pub roles: Vec<Role>,
    /// Jobs.
    pub jobs: Vec<Job>,
    /// Backing services by name.
    pub backings: BTreeMap<String, BackingKind>,
    /// User and group id.
    pub user: Option<(u32, u32)>,
    /// What was found where.
    pub found: Vec<Found>,
    /// What is not carried over.
    pub left: Vec<Left>,
}

/// A role.
#[derive(Debug, Default)]
pub(super) struct Role {
    /// Its name.
    pub name: String,
    /// A line for a shell.
    pub command: String,
    /// The port it listens on.
    pub port: Option<u16>,
    /// How to ask whether it is ready.
    pub ready: Option<String>,
    /// Signal to stop it with.
    pub stop: Option<String>,
    /// Seconds until it is killed.
    pub grace_secs: Option<u64>,
    /// Variables of its own.
    pub env: BTreeMap<String, String>,
    /// What comes first; empty: as by default.
    pub after: Vec<String>,
}

/// A job.
#[derive(Clone, Debug)]
pub(super) struct Job {
    /// Its name.
    pub name: String,
    /// A line for a shell.
    pub command: String,
    /// When it runs by itself.
    pub when: When,
}

impl Sketch {
    /// Nothing but a name.
    pub(super) fn new(folder: &str) -> Self {
        Self {
            name: label(folder).unwrap_or_else(|| "app".to_owned()),
            ..Self::default()
        }
    }

    /// Notes where something comes from.
    pub(super) fn found(&mut self, file: &str, what: impl Into<String>) {
        self.found.push(Found {
            what: what.into(),
            file: file.to_owned(),
        });
    }

    /// Notes what is not carried over.
    pub(super) fn left(
        &mut self,
        file: &str,
        line: Option<usize>,
        what: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.left.push(Left {
            file: file.to_owned(),
            line,
            column: None,
            what: hidden(&what.into()),
            help: help.into(),
        });
    }

    /// Takes secrets out of commands: a variable is named in the place of each.
    fn open(&mut self) {
        let roles = self
            .roles
            .iter_mut()
            .map(|role| ("role", &role.name, &mut role.command));
        let jobs = self
            .jobs
            .iter_mut()
            .map(|job| ("job", &job.name, &mut job.command));
        let mut told = Vec::new();
        for (kind, name, command) in roles.chain(jobs) {
            let (open, variables) = referred(command);
            *command = open;
            let named = format!("{kind} {name}: ");
            let from = self
                .found
                .iter()
                .find(|found| found.what.starts_with(&named));
            let file = from.map_or_else(String::new, |found| found.file.clone());
            told.extend(variables.into_iter().map(|variable| {
                (
                    file.clone(),
                    format!(
                        "a secret in the command of {name}, which names ${{{variable}}} instead"
                    ),
                )
            }));
        }
        for (file, what) in told {
            self.left(&file, None, what, GIVEN_LATER);
        }
        for found in &mut self.found {
            found.what = hidden(&found.what);
        }
    }

    /// Whether there is a role of this name.
    pub(super) fn has_role(&self, name: &str) -> bool {
        self.roles.iter().any(|role| role.name == name)
    }

    /// Adds a role unless there is one of its name.
    pub(super) fn role(&mut self, file: &str, name: &str, command: &str, port: Option<u16>) {
        if self.has_role(name) || is_blank(command) {
            return;
        }
        self.found(file, format!("role {name}: {command}"));
        self.roles.push(Role {
            name: name.to_owned(),
            command: command.to_owned(),
            port,
            ..Role::default()
        });
    }

    /// Adds a job unless there is one of its name.
    pub(super) fn job(&mut self, file: &str, name: &str, command: &str, when: When) {
        if self.jobs.iter().any(|job| job.name == name) || is_blank(command) {
            return;
        }
        self.found(file, format!("job {name}: {command}"));
        self.jobs.push(Job {
            name: name.to_owned(),
            command: command.to_owned(),
            when,
        });
    }

    /// Adds a backing service.
    pub(super) fn backing(&mut self, file: &str, kind: BackingKind) {
        let is_new = self.backings.insert(kind.name().to_owned(), kind).is_none();
        if is_new {
            self.found(file, format!("backing service {}", kind.name()));
        }
    }
}

impl Sketch {
    /// Takes out what cannot stand beside something else: processes of one name, a port that a backing service has.
    pub(super) fn settle(&mut self) {
        self.open();
        let mut taken: BTreeSet<String> = self.backings.keys().cloned().collect();
        let names = self.roles.iter_mut().map(|role| &mut role.name);
        for name in names.chain(self.jobs.iter_mut().map(|job| &mut job.name)) {
            while !taken.insert(name.clone()) {
                // A label has 63 characters at most.
                name.truncate(60);
                name.push_str("-x");
            }
        }
        let mut ports: BTreeSet<u16> = BackingKind::ALL.map(BackingKind::port).into();
        for role in &mut self.roles {
            role.port = role.port.filter(|port| *port > 0 && ports.insert(*port));
        }
    }
}

/// Whether there is nothing to run.
pub(super) fn is_blank(command: &str) -> bool {
    command.chars().all(|c| c.is_whitespace() || c.is_control())
}

/// Whether a variable can have this name.
pub fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// What to do about a variable that is not carried over.
pub const GIVEN_LATER: &str = "give it where the application runs: an image does not keep it";

/// A DNS label that looks like `text`.
pub fn label(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let plain = lower
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
    let plain: String = plain.take(63).collect();
    let plain = plain.trim_matches('-');
    (!plain.is_empty()).then(|| plain.to_owned())
}
