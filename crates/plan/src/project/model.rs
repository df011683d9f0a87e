//! What a boatyard.toml says, checked. Everything keeps the order of the file.

use std::collections::BTreeMap;

use boatyard_init::contract::{Command, Manner, Stop, Supervise};
use serde::{Deserialize, Serialize};

use super::{
    Backing, Deploy, Installer, Lines, Placement, Preview, ReleaseTable, Requirements, Resources,
};
use crate::reference::Reference;

/// A project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Its name: lower-case letters, digits and `-`, as a DNS label.
    pub name: String,
    /// What all images have in common.
    pub image: Image,
    /// One image each. Never empty: without a `[service.*]` table there is one service named like the project that
    /// has every role.
    pub services: Vec<Service>,
    /// Every role, in the order of the file.
    pub roles: Vec<Role>,
    /// One-off work.
    pub jobs: Vec<Job>,
    /// Scheduled work.
    pub schedules: Vec<Schedule>,
    /// What the application needs beside it.
    pub backings: Vec<Backing>,
    /// Images of Python releases that are built with this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<ReleaseTable>,
    /// Where it runs on clusters.
    #[serde(skip)]
    pub deploy: Deploy,
    /// How it runs in preview environments.
    #[serde(skip)]
    pub preview: Preview,
    /// Which copy of it this is: the tag of its images, `latest` if it is the only one. The file does not say; who reads it does.
    #[serde(skip)]
    pub copy: Option<String>,
    /// Where in the file all this stands.
    #[serde(skip)]
    pub lines: Lines,
}

/// What all images of a project have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// What the images start from.
    pub base: Base,
    /// Python version `3.N`, if the project wants one.
    pub python: Option<String>,
    /// Debian packages.
    pub packages: Vec<Package>,
    /// Where Debian packages come from beside Debian's own archive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repositories: Vec<Repository>,
    /// Where Python dependencies come from.
    pub requirements: Option<Requirements>,
    /// What installs them.
    pub installer: Installer,
    /// Folders and files, relative to the project, that go into the shared base.
    pub shared: Vec<String>,
    /// Who runs the application.
    pub user: User,
    /// Environment of every process.
    pub env: BTreeMap<String, String>,
    /// What image names begin with, e.g. `registry.example.com/guestbook`; default: the project's name.
    pub prefix: String,
    /// Absolute path where sources go; default `/app`.
    pub workdir: String,
}

impl Image {
    /// What holds for a project that says nothing about its images.
    pub fn of(project: &str) -> Self {
        Self {
            base: Base::default(),
            python: None,
            packages: Vec::new(),
            repositories: Vec::new(),
            requirements: None,
            installer: Installer::default(),
            shared: Vec::new(),
            user: User::default(),
            env: BTreeMap::new(),
            prefix: project.to_owned(),
            workdir: "/app".to_owned(),
        }
    }
}

/// What images start from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Base {
    /// Nothing.
    Scratch,
    /// A root file system made from Debian packages.
    Debian {
        /// `bookworm` or `trixie`.
        suite: String,
        /// Leave out documentation, manual pages and translations, as `debian:*-slim` does.
        slim: bool,
        /// Mirror, where the user gave one.
        mirror: Option<String>,
    },
    /// The files of Debian packages and nothing to change them with: no shell, no dpkg, no apt.
    Distroless {
        /// `bookworm` or `trixie`.
        suite: String,
        /// Mirror, where the user gave one.
        mirror: Option<String>,
    },
    /// An OCI image layout folder, relative to the project or absolute.
    Layout {
        /// The folder.
        path: String,
        /// Which image in it (`org.opencontainers.image.ref.name`), if there are several.
        name: Option<String>,
    },
    /// A saved image: an OCI archive or what `docker save` writes.
    Archive {
        /// The file, relative to the project or absolute.
        path: String,
    },
    /// What a Dockerfile makes.
    Dockerfile(Recipe),
    /// An image in a registry, or in our own store.
    Registry {
        /// Its name.
        reference: Reference,
    },
}

/// A Dockerfile and what it is built with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// The Dockerfile, relative to the project.
    pub file: String,
    /// The folder that it copies from, relative to the project.
    pub context: String,
    /// The stage that the images start from; none: the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Values of its `ARG`s.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, String>,
}

impl Recipe {
    /// The Dockerfile `file` with the project's folder as its context.
    pub fn of(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            context: ".".to_owned(),
            target: None,
            args: BTreeMap::new(),
        }
    }
}

impl Base {
    /// The Debian release that it is made from, if it is made from packages.
    pub fn suite(&self) -> Option<&str> {
        match self {
            Self::Debian { suite, .. } | Self::Distroless { suite, .. } => Some(suite),
            _ => None,
        }
    }

    /// Whether it is known to have no shell.
    pub fn lacks_shell(&self) -> bool {
        matches!(self, Self::Scratch | Self::Distroless { .. })
    }
}

/// `debian:bookworm`.
impl Default for Base {
    fn default() -> Self {
        Self::Debian {
            suite: "bookworm".to_owned(),
            slim: false,
            mirror: None,
        }
    }
}

/// A Debian package that the image needs at run time, and what building against it needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Run-time package; `None` for a package that only building needs.
    pub run: Option<String>,
    /// Build-time package, if any.
    pub build: Option<String>,
}

/// An archive of Debian packages that is not Debian's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    /// Its address, `http` or `https`, without a slash at its end.
    pub url: String,
    /// The folder below `dists/`.
    pub suite: String,
    /// Components, at least one.
    pub components: Vec<String>,
    /// The file of the key that signs it (armoured or not), relative to the project; or the armoured key itself. No other
    /// key counts.
    pub key: String,
}

impl Repository {
    /// Whether the key itself is given, and no file.
    pub fn has_inline_key(&self) -> bool {
        self.key.starts_with("-----BEGIN PGP ")
    }
}

/// Who runs the application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Name.
    pub name: String,
    /// User id.
    pub uid: u32,
    /// Group id; the group has the user's name.
    pub gid: u32,
}

impl Default for User {
    fn default() -> Self {
        Self {
            name: "appuser".to_owned(),
            uid: 10001,
            gid: 10001,
        }
    }
}

/// One image of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Folders and files, relative to the project, that go into this image only.
    pub copy: Vec<String>,
    /// Its roles. The first one is the default.
    pub roles: Vec<String>,
}

/// A long-running process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// What to run.
    pub command: Command,
    /// Port it listens on.
    pub port: Option<u16>,
    /// How to ask whether it is ready: `http://:8080/path`, `tcp://:6379`, or a command line.
    pub ready: Option<String>,
    /// How to stop it.
    pub stop: Stop,
    /// Environment of this role only.
    pub env: BTreeMap<String, String>,
    /// Roles and backing services that must be ready before it starts (default: every backing service).
    pub after: Option<Vec<String>>,
    /// What runs beside its command in the same container, and what init does for each.
    pub supervise: Option<Supervise>,
    /// How to ask whether it has to be started again, as for `ready`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alive: Option<String>,
    /// How it is run on clusters.
    #[serde(default, skip_serializing_if = "Placement::is_usual")]
    pub placement: Placement,
}

/// One-off work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its name.
    pub name: String,
    /// What to run.
    pub command: Command,
    /// When it runs by itself.
    pub when: When,
    /// The service whose image runs it; default: the first.
    pub service: String,
    /// How often it is tried again if it fails.
    #[serde(default, skip_serializing_if = "is_none")]
    pub retries: u32,
    /// What it needs on clusters.
    #[serde(default, skip_serializing_if = "Resources::is_usual")]
    pub resources: Resources,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_none(retries: &u32) -> bool {
    *retries == 0
}

/// When a job runs by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Only when asked for.
    #[default]
    Manual,
    /// Before roles start, at each `up` and deploy.
    BeforeDeploy,
    /// After roles are ready.
    AfterDeploy,
    /// Before all that a preview environment has is taken away: no file says it of a job, `cleanup` of `[preview]` does.
    BeforeRemoval,
}

/// Scheduled work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Its name.
    pub name: String,
    /// Crontab expression.
    pub cron: String,
    /// What to run.
    pub command: Command,
    /// The service whose image runs it; default: the first.
    pub service: String,
    /// How it is run beside when.
    pub manner: Manner,
    /// What it needs on clusters.
    #[serde(default, skip_serializing_if = "Resources::is_usual")]
    pub resources: Resources,
}
