//! What work on images needs, whatever asks for it.

use boatyard_store::Store;

use super::confined::Confinement;
use crate::debian::Http;
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

impl Bench<'_> {
    /// What fetches files: where a build that is confined is sent nobody has looked.
    pub(crate) fn http(&self) -> Http {
        match self.confined {
            Some(_) => Http::that_stays(),
            None => Http::of_host(),
        }
    }
}
