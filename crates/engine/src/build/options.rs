//! How to build.

use boatyard_plan::lock::Policy;

use super::confined::Confinement;
use super::index::Index;
use super::recipe::Given;
use crate::attest::Extras;

/// How to build.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command, and all go together"
)]
#[derive(Clone, Default)]
pub struct Options {
    /// Images at once; 0: all of them.
    pub jobs: usize,
    /// Do every step again.
    pub no_cache: bool,
    /// Look for newer packages and images than those a base was made from.
    pub pull: bool,
    /// How it is confined; none: it is somebody's whom we trust.
    pub confined: Option<Confinement>,
    /// On failure, open a shell in the state before the step.
    pub debug_shell: bool,
    /// Use package indexes whose time has run out.
    pub ignore_expiry: bool,
    /// What the Dockerfile of a base is built with, if there is one.
    pub given: Given,
    /// Where Python packages come from; none: as this machine says.
    pub index: Option<Index>,
    /// Which bytes bases are.
    pub lock: Policy,
    /// What goes with the images.
    pub extras: Extras,
}
