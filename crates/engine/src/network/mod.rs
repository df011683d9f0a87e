//! Networks of projects: a namespace with nothing but loopback, doors into it, and a way out.
//!
//! ```no_run
//! # use boatyard_engine::{host, network::{self, Forwarder, Namespace}};
//! # use std::{net::SocketAddr, time::Duration};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let host = host::enter(&host::Options::default())?;
//! let inside = Namespace::new(&host)?;
//! let door = Forwarder::listen(SocketAddr::from(([127, 0, 0, 1], 8080)), Some(&inside), 80)?;
//! let status = network::http(Some(&inside), 80, "/healthz", Duration::from_secs(2))?;
//! # Ok(()) }
//! ```
//!
//! Containers of a project share one namespace, as those of a pod do. Nothing is set up on this machine for it: no
//! interface, no firewall rule, no name under `/run/netns`. The namespace is gone with its last user, a door with the
//! process that holds it open, and so is a way out ([`Outlet`]).

mod error;
mod flow;
mod forwarder;
mod holder;
mod namespace;
mod outlet;
mod probe;
mod relay;
mod worker;

pub use error::NetworkError;
pub use forwarder::{Forwarder, vacant};
pub use holder::Holder;
pub use namespace::Namespace;
pub(crate) use outlet::device;
pub use outlet::{Only, Outlet, RESOLVER, Refusal, resolver};
pub use probe::{ProbeError, http, tcp};
