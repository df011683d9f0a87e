//! What builds of strangers may fetch from.

use boatyard_plan::sources::Source;

/// What builds of strangers may fetch from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Hosts of packages, besides those that the server's machine is set up with; none: not even those.
    pub sources: Option<Vec<Source>>,
    /// Registries of images, besides Docker's.
    pub registries: Vec<Source>,
}

impl Default for Reach {
    fn default() -> Self {
        Self {
            sources: Some(Vec::new()),
            registries: Vec::new(),
        }
    }
}
