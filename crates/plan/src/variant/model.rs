//! What variants are made from and what they are.

use serde::{Deserialize, Serialize};

use crate::build::Action;
use crate::image::RunConfig;
use crate::project::User;

/// A form of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Variant {
    /// For `docker run`, Compose and Podman: as its author wrote it.
    Docker,
    /// For Kubernetes: what a cluster that enforces the restricted profile runs, and probes.
    K8s,
}

impl Variant {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Docker, Self::K8s];

    /// Its name, as in tags.
    pub fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::K8s => "k8s",
        }
    }

    /// The variant of that name, as tags and the label of images say it.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|variant| variant.name() == name)
    }
}

/// What the user wishes about variants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Who runs the k8s form of an image whose author chose root, or somebody without a number.
    pub user: User,
    /// Whether that user is to run it whoever the author chose.
    pub always: bool,
}

/// What has to be known of an image beside its configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// User and group of the configuration as numbers; none: the image does not know the name.
    pub account: Option<(u32, u32)>,
    /// The text of `/etc/passwd`.
    pub passwd: String,
    /// The text of `/etc/group`.
    pub group: String,
    /// Whether `boatyard-init` is in the image.
    pub has_init: bool,
    /// Whether the image knows how to ask its application (`boatyard-init ready`).
    pub has_ready: bool,
    /// Of [`Places::written`], those that are there.
    pub written: Vec<Folder>,
    /// Of [`Places::leftovers`], those that are there and not empty.
    pub leftovers: Vec<String>,
}

/// A folder of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Absolute path.
    pub path: String,
    /// What it is for, as `the working folder`.
    pub what: &'static str,
    /// Permissions.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

/// Where to look in an image before a variant is derived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Folders that an application may write to, each with what it is for. Absolute.
    pub written: Vec<(String, &'static str)>,
    /// What nobody needs when the application runs. Absolute.
    pub leftovers: Vec<String>,
}

/// A form of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derived {
    /// How to run it.
    pub config: RunConfig,
    /// What has to be done on top of the image's layers, in order.
    pub additions: Vec<Addition>,
    /// What differs from the image, and why.
    pub changes: Vec<Change>,
    /// What may surprise.
    pub remarks: Vec<Remark>,
}

/// Something that is done on top of an image's layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// One line for people.
    pub title: String,
    /// One sentence.
    pub why: String,
    /// What is done.
    pub action: Action,
}

/// Something that differs from the image as its author wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What, as `USER root -> 10001:10001`.
    pub what: String,
    /// One sentence.
    pub why: String,
}

/// Something that may surprise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// One sentence.
    pub message: String,
    /// What to do.
    pub help: String,
}
