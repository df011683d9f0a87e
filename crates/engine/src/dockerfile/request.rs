//! What is to be built, and how: everything that the command line says.

use std::collections::BTreeMap;
use std::path::PathBuf;

use boatyard_plan::dockerfile::ignore::Ignore;
use boatyard_plan::dockerfile::{Conditions, Dockerfile, RunNetwork};
use boatyard_plan::image::Platform;
use boatyard_plan::lock::Policy;
use boatyard_plan::reference::Reference;
use boatyard_store::layer::Compression;

use super::agent::Agents;
use super::secret::Secrets;
use crate::attest::Extras;

/// What is to be built, and how.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command, and all go together"
)]
#[derive(Clone, Debug)]
pub struct Request {
    /// The Dockerfile.
    pub dockerfile: Dockerfile,
    /// The folder that `COPY` copies from, absolute.
    pub context: PathBuf,
    /// What of it is left out.
    pub ignore: Option<Ignore>,
    /// Contexts by name.
    pub named: BTreeMap<String, Named>,
    /// The stage to build; none: the last.
    pub target: Option<String>,
    /// Values of `ARG`.
    pub arguments: BTreeMap<String, String>,
    /// Labels on top of those that the Dockerfile sets.
    pub labels: BTreeMap<String, String>,
    /// What the image is called.
    pub tags: Vec<Reference>,
    /// What it is for.
    pub platform: Platform,
    /// Secrets by name.
    pub secrets: Secrets,
    /// Ssh agents by name.
    pub agents: Agents,
    /// The network of commands that name none.
    pub network: RunNetwork,
    /// What else commands run under.
    pub conditions: Conditions,
    /// When images are pulled.
    pub pull: Pull,
    /// What is done again although it was done before.
    pub no_cache: NoCache,
    /// How many stages and commands run at once.
    pub jobs: usize,
    /// How layers are compressed.
    pub compression: Compression,
    /// Whether all layers that were added become one.
    pub squash: bool,
    /// On failure, open a shell in the state before the instruction.
    pub debug_shell: bool,
    /// Make images of Debian's releases from packages where they are not in the store.
    pub debian_base: bool,
    /// Use package indexes whose time has run out.
    pub ignore_expiry: bool,
    /// Which bytes bases are.
    pub lock: Policy,
    /// What goes with the image.
    pub extras: Extras,
}

/// A context with a name: it takes the place of an image of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// A folder.
    Folder {
        /// Where, absolute.
        path: PathBuf,
        /// What of it is left out.
        ignore: Option<Ignore>,
    },
    /// An image in a folder or an archive on this machine.
    Layout {
        /// Where.
        path: PathBuf,
        /// What it is called there, if there are several.
        name: Option<String>,
    },
    /// An image by reference.
    Image(String),
}

/// When images are pulled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pull {
    /// If the store has none of that name.
    #[default]
    Missing,
    /// Each time.
    Always,
    /// Never.
    Never,
}

/// What is done again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum NoCache {
    /// Nothing.
    #[default]
    Nothing,
    /// These stages, by name or number.
    Stages(Vec<String>),
    /// Everything.
    All,
}
