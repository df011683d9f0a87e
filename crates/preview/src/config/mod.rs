//! The configuration of `boatyard serve`: what the file says, checked.
//!
//! ```text
//! parse(text) -> Ok(Config)             names, addresses and references to each other all fit
//!             -> Err(Vec<Diagnostic>)   every mistake of the file, in its order
//! Config --policy--> Policy             what is decided by
//! Config --remote--> Remote             where a revision is fetched from
//! ```
//! Secrets are not in it, only where they are; whoever touches the world reads them.

mod access;
mod address;
mod cluster;
mod data;
mod forge;
mod kubefiles;
mod login;
mod model;
mod naming;
mod network;
mod policy;
mod reach;
mod read;
mod remote;
mod source;
mod visitors;

pub use access::{Access, Anonymous, OPERATOR, Scope, Token};
pub use address::Address;
pub use cluster::{Builder, Cluster, Hosts, Lease, Quota, Way};
pub use data::{Begin, Data, TEMPLATE};
pub use forge::{Forge, Kind, Reports};
pub use kubefiles::{Builds, Folder, Kubefiles};
pub use login::{Login, Permission, Person, Role, Via, Whom, grants};
pub use model::{Config, Server, Watched};
pub use naming::{Making, Nameless, Naming, Of};
pub use network::Network;
pub use policy::is_of_kubefiles;
pub use reach::Reach;
pub use read::parse;
pub use remote::Remote;
pub use source::{Concealed, Source};
pub use visitors::Visitors;
