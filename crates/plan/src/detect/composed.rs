//! What a Compose file says, in the words of a project. Names are DNS labels, and each is there once.

use std::collections::BTreeMap;

use super::{Found, Left};
use crate::project::{BackingKind, Recipe, When};

/// What a Compose file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Composed {
    /// The file.
    pub file: String,
    /// Name of the project, if it says one.
    pub name: Option<String>,
    /// What its services are built from, relative to the project.
    pub recipe: Option<Recipe>,
    /// The image that its services run, if none of them is built.
    pub image: Option<String>,
    /// User and group id of its services, where they agree.
    pub user: Option<(u32, u32)>,
    /// Variables that several services have.
    pub env: BTreeMap<String, String>,
    /// What runs for long.
    pub roles: Vec<ComposedRole>,
    /// What runs to its end.
    pub jobs: Vec<ComposedJob>,
    /// What stands beside, by name.
    pub backings: Vec<(String, BackingKind)>,
    /// What was carried over.
    pub found: Vec<Found>,
    /// What was not.
    pub left: Vec<Left>,
}

/// A service that runs for long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComposedRole {
    /// Its name.
    pub name: String,
    /// Words in place of the image's `ENTRYPOINT`, which take its `CMD` away, too.
    pub entrypoint: Option<Vec<String>>,
    /// Words in place of the image's `CMD`.
    pub command: Option<Vec<String>>,
    /// The port in the container.
    pub port: Option<u16>,
    /// How to ask whether it is ready; none: as the image says.
    pub ready: Option<String>,
    /// Signal to stop it with, without `SIG`.
    pub signal: Option<String>,
    /// Seconds until it is killed.
    pub grace_secs: Option<u64>,
    /// Its own variables.
    pub env: BTreeMap<String, String>,
    /// What comes first; empty: whatever comes first by default.
    pub after: Vec<String>,
}

/// A service that runs to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComposedJob {
    /// Its name.
    pub name: String,
    /// As in a role.
    pub entrypoint: Option<Vec<String>>,
    /// As in a role.
    pub command: Option<Vec<String>>,
    /// When it runs by itself.
    pub when: When,
}
