//! What work on images needs, whatever asks for it.

use boatyard_store::Store;

use super::confined::Confinement;
use crate::host::Host;
use crate::sandbox::Sandbox;
use crate::sink::Sink;

/// What work on images needs.
#[derive(Clone, Copy)]
pub struct Bench<'a> {
    /// What this machine permits.
    pub host: &'a Host,
    /// Starts commands.
    pub sandbox: &'a Sandbox,
    /// Where results are kept.
    pub store: &'a Store,
    /// Takes progress.
    pub sink: &'a Sink,
    /// How it is confined; none: it is somebody's whom we trust.
    pub confined: Option<&'a Confinement>,
}
