//! Images from and to registries that speak the OCI distribution protocol.
//!
//! ```no_run
//! # use boatyard_store::{Store, registry};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let store = Store::open("/var/lib/boatyard".as_ref())?;
//! let options = registry::Options::from_variables(|name| std::env::var(name).ok());
//! let name = "127.0.0.1:5000/team/app:1.2".parse()?;
//! let manifest = registry::pull(&store, &name, &options, &|_| {})?;
//! store.tag(&name, &manifest)?;
//! # Ok(()) }
//! ```
//! Registries on loopback are spoken to without TLS. Certificates are trusted if the host trusts them (`SSL_CERT_FILE`
//! and `SSL_CERT_DIR` are honoured).

mod address;
mod agent;
mod challenge;
mod client;
mod credentials;
mod digest;
mod failure;
mod look;
mod options;
mod pull;
mod push;
mod referrers;
mod remove;
mod request;
mod tags;
mod transfer;
mod upload;

pub use credentials::{Credentials, Logins};
pub use digest::digest;
pub use failure::RegistryError;
pub use look::{Seen, look};
pub use options::{Mirror, Options, Proxies};
pub use pull::{pull, pull_with_statements};
pub(crate) use pull::{pull_blob, pull_manifest};
pub use push::push;
pub use remove::{Removed, remove};
pub use tags::tags;
pub use transfer::Progress;
