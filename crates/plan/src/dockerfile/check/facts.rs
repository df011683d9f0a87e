//! What the checks know beside the Dockerfile.

use std::collections::BTreeMap;

use crate::dockerfile::Variables;
use crate::dockerfile::ignore::Ignore;

/// Facts that some rules need. Where one is missing, these rules keep silent rather than guess.
#[derive(Clone, Debug, Default)]
pub struct Facts<'a> {
    /// What of the context the build does not see.
    pub ignore: Option<&'a Ignore>,
    /// Arguments given (`--build-arg`).
    pub arguments: BTreeMap<String, String>,
    /// The variables of base images, by the index of the stage, as far as they are known.
    pub images: BTreeMap<usize, Variables>,
}
