//! What goes wrong with networks.

use std::io;
use std::net::SocketAddr;

use boatyard_plan::failure::{Failure, Fault};
use thiserror::Error;

use super::holder::Holder;

/// What a network could not do.
#[derive(Debug, Error)]
pub enum NetworkError {
    /// A namespace could not be made.
    #[error("cannot create a network namespace")]
    Create {
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// A namespace could not be entered.
    #[error("cannot enter the network namespace")]
    Enter {
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// Somebody else listens there.
    #[error("port {port} of this machine is in use{by}", port = address.port(), by = by(holder.as_ref()))]
    PortInUse {
        /// Where we wanted to listen.
        address: SocketAddr,
        /// Who does, if that can be seen.
        holder: Option<Holder>,
    },
    /// We may not listen there.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// A way out could not be made.
    #[error("cannot make a way out of the network")]
    Outlet {
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The thread that forwards could not be started.
    #[error("cannot start to forward {address}")]
    Forward {
        /// Where we listen.
        address: SocketAddr,
        /// Why.
        #[source]
        cause: io::Error,
    },
}

fn by(holder: Option<&Holder>) -> String {
    holder
        .map(|holder| format!(" by {} (process {})", holder.command, holder.pid))
        .unwrap_or_default()
}

impl Failure for NetworkError {
    fn fault(&self) -> Fault {
        Fault::Refused
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Create { .. } | Self::Enter { .. } => {
                "run \"boatyard doctor\" to see what this machine permits".to_owned()
            }
            Self::PortInUse {
                holder: Some(holder),
                ..
            } => {
                format!(
                    "stop {} (kill {}), or open the role elsewhere: --publish ROLE=PORT",
                    holder.command, holder.pid
                )
            }
            Self::PortInUse {
                holder: None,
                address,
            } => format!(
                "\"ss -ltnp sport = :{}\" as root tells who; or open the role elsewhere: --publish ROLE=PORT",
                address.port()
            ),
            Self::Listen { address, cause } if cause.kind() == io::ErrorKind::PermissionDenied => {
                format!(
                    "ports below 1024 are root's (sysctl net.ipv4.ip_unprivileged_port_start); use e.g. {}",
                    address.port().saturating_add(8000)
                )
            }
            Self::Outlet { .. } => {
                "it needs /dev/net/tun (sudo modprobe tun), and the right to use it: sudo chmod 666 /dev/net/tun".to_owned()
            }
            Self::Listen { .. } | Self::Forward { .. } => return None,
        })
    }
}
