//! Which ports of this machine a session opens.

use std::net::{Ipv4Addr, SocketAddr};

use boatyard_plan::run::{Process, RunPlan};

use super::{Options, SessionError};
use crate::host::Host;
use crate::network;

/// Where a process is reached on this machine; port 0 is any free one. `None` if it is not published.
pub(super) fn published(process: &Process, options: &Options) -> Option<SocketAddr> {
    let port = process.port.filter(|_| process.publish)?;
    Some(local(
        options.publish.get(&process.name).copied().unwrap_or(port),
    ))
}

pub(super) fn local(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// Fails if somebody has a port that the session would open: worth knowing before an image is built. The session looks
/// once more when it starts.
pub fn check_ports(host: &Host, plan: &RunPlan, options: &Options) -> Result<(), SessionError> {
    for process in &plan.processes {
        let own = process.port.filter(|_| !options.network.is_own(host));
        let wanted = [own.map(local), published(process, options)];
        for address in wanted.into_iter().flatten() {
            network::vacant(address).map_err(|cause| SessionError::Port {
                process: process.name.clone(),
                cause,
            })?;
        }
    }
    Ok(())
}
