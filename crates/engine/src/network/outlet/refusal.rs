//! What was refused to processes that reach some hosts only.

use std::net::IpAddr;

use boatyard_plan::sources::is_reachable;

/// Something was not reached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Refusal {
    /// A name that is not on the list.
    #[error("{host} was asked for, which is not among the sources of this build")]
    Host {
        /// The name.
        host: String,
    },
    /// A host at a port that is not on the list.
    #[error("{host} was called at port {port}, which is not among the sources of this build")]
    Port {
        /// The name, or an address.
        host: String,
        /// The port.
        port: u16,
    },
    /// A name on the list that leads where nothing may lead.
    #[error("{host} is {address} for this machine, an address that is not reached under that name")]
    Address {
        /// The name.
        host: String,
        /// What it leads to.
        address: IpAddr,
    },
    /// A connection to a host on the list that was meant for another one.
    #[error("a connection to {host} was for {}, which is not the host that was called", meant.as_deref().unwrap_or("a host that it does not name"))]
    Other {
        /// The host that was called.
        host: String,
        /// Which one was meant; none: it does not say.
        meant: Option<String>,
    },
    /// A name on the list that this machine does not know.
    #[error("{host} is a source of this build, but this machine finds no address of it")]
    Unknown {
        /// The name.
        host: String,
    },
}

impl Refusal {
    /// What would have to be on the list; none if that is not what is wrong.
    pub fn missing(&self) -> Option<String> {
        match self {
            Self::Host { host } => Some(host.clone()),
            Self::Port { host, port } => match host.parse::<IpAddr>() {
                Ok(address) if !is_reachable(address) => None,
                _ => Some(format!("{host}:{port}")),
            },
            Self::Address { .. } | Self::Other { .. } | Self::Unknown { .. } => None,
        }
    }
}
