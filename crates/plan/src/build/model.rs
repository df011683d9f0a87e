//! What a build will do, as data. `boatyard plan --json` prints it; the engine executes it.
//!
//! ```text
//! stage base      <- debian:bookworm    packages python3 ...
//! stage compiler  <- base               packages gcc ...          (only if something has to be compiled)
//! stage runner    <- base               environment (built in compiler), user, init, shared folders
//! stage app       <- runner             copy, contract            => image guestbook/app:latest
//! ```

use serde::{Deserialize, Serialize};

use crate::image::RunConfig;
use crate::project::{Base, Installer, Repository, Requirements, User};
use crate::reference::Reference;
use crate::variant::{Change, Remark, Variant};

/// The version of the plan's JSON form.
pub const SCHEMA: u32 = 1;

/// What a build will do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildPlan {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Name of the project.
    pub project: String,
    /// Stages; each comes after the one it starts from. Names are unique.
    pub stages: Vec<Stage>,
    /// Images that come out.
    pub images: Vec<ImagePlan>,
}

/// A chain of steps on top of a base or another stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Unique name.
    pub name: String,
    /// One sentence: why it exists.
    pub why: String,
    /// What it starts from.
    pub from: Parent,
    /// Steps in order.
    pub steps: Vec<Step>,
    /// Built only when a step of another stage turns out to need it (a compiler nobody needs is not installed).
    pub on_demand: bool,
}

/// What a stage starts from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parent {
    /// A base.
    Base(Base),
    /// The end of an earlier stage.
    Stage(String),
}

/// One step. Each makes one layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// `stage/n`, n from 1.
    pub id: String,
    /// One line for people, e.g. `copy common, config`.
    pub title: String,
    /// One sentence: why it exists.
    pub why: String,
    /// Line of boatyard.toml that asks for it, from 1, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What is done.
    pub action: Action,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// Install Debian packages with all they depend on.
    Packages {
        /// Names, sorted.
        names: Vec<String>,
        /// Where they may come from beside Debian's own archive.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        repositories: Vec<Repository>,
    },
    /// Install Python dependencies into a virtual environment at [`ENVIRONMENT`].
    Python {
        /// `3.N`, if the project wants one.
        version: Option<String>,
        /// What to install.
        requirements: Requirements,
        /// With what.
        installer: Installer,
        /// The stage to build in when something has to be compiled.
        compiler: String,
        /// Go to the compiler at once (the project names build-time packages), instead of only when a requirement
        /// has no wheel.
        compile: bool,
    },
    /// Copy from the project's folder. Owned by root, readable by all.
    Copy {
        /// Folders and files relative to the project. A folder keeps its name: `common` becomes `dest/common`;
        /// `.` copies the content.
        sources: Vec<String>,
        /// Absolute folder in the image.
        dest: String,
        /// Names and patterns that are left out, as in .dockerignore.
        exclude: Vec<String>,
    },
    /// Make a user, its group and its home.
    User {
        /// Who.
        user: User,
    },
    /// Write a file, owned by root.
    File {
        /// Absolute path.
        path: String,
        /// Permissions, e.g. 0o644.
        mode: u32,
        /// Its text.
        text: String,
    },
    /// Make an empty folder.
    Folder {
        /// Absolute path.
        path: String,
        /// Permissions.
        mode: u32,
        /// Owner.
        uid: u32,
        /// Group.
        gid: u32,
    },
    /// Take files and folders away.
    Remove {
        /// Absolute paths, sorted.
        paths: Vec<String>,
    },
    /// Put boatyard-init at `boatyard_init::contract::BINARY`.
    Init,
}

/// Where the virtual environment lives in an image.
pub const ENVIRONMENT: &str = "/opt/venv";

/// An image that comes out of a build.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImagePlan {
    /// The service it is for, or the backing service.
    pub service: String,
    /// The stage whose end it is.
    pub stage: String,
    /// What it is called in the store.
    pub references: Vec<Reference>,
    /// How to run it. The base image's own environment comes first and is overridden by this one.
    pub config: RunConfig,
    /// Which form of the image it is, if forms were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<Variant>,
    /// What makes it another one than the image without forms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// What may surprise about this form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
}
