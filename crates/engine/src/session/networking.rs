//! The network that the processes of a session see.

use std::path::Path;

use boatyard_plan::event::Level;
use boatyard_plan::failure::Failure;

use super::SessionError;
use crate::host::{Host, Networks};
use crate::network::{self, Namespace, Outlet};
use crate::sink::{Sink, notice};

/// Which network the processes of a session see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Networking {
    /// One of their own, with a way out; where the host permits none, this machine's.
    #[default]
    Own,
    /// One of their own, without the outside.
    Isolated,
    /// This machine's.
    Host,
}

impl Networking {
    /// Whether it is one of their own, on this host.
    pub(super) fn is_own(self, host: &Host) -> bool {
        self != Self::Host && host.network == Networks::Own
    }
}

/// Makes the network, and the way out of it; nothing of both if it is this machine's.
pub(super) fn make(
    host: &Host,
    wanted: Networking,
    sink: &Sink,
) -> Result<(Option<Namespace>, Option<Outlet>), SessionError> {
    if !wanted.is_own(host) {
        return Ok((None, None));
    }
    let namespace = Namespace::new(host)?;
    let outlet = (wanted == Networking::Own)
        .then(|| way_out(&namespace, sink))
        .flatten();
    Ok((Some(namespace), outlet))
}

/// A way out of the network. The processes can do much without one: whoever cannot have it is told.
fn way_out(network: &Namespace, sink: &Sink) -> Option<Outlet> {
    let error = match Outlet::open(network, Path::new(network::RESOLVER)) {
        Ok(outlet) => return Some(outlet),
        Err(error) => error,
    };
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    let message = format!(
        "processes reach each other, but nothing outside: {error}: {}",
        cause.unwrap_or_default()
    );
    let help = error.help();
    notice(sink, Level::Info, message, help.as_deref());
    None
}
