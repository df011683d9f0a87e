//! Root file systems from Debian packages, without a registry.
//!
//! ```text
//! let mirror = Mirror::choose(&suite, given, &apt::sources(Path::new("/etc")));
//! let indexes = fetch_indexes(&Archive { mirror, .. }, &http, now, &observer)?;      signed, checked, kept
//! install(root, &request, &indexes, &downloads, &observer, &mut run)?;              into an empty folder, or on top
//! ```
//!
//! A root is made in the order: resolve (pure) -> download -> unpack (both at once, two threads) -> configure (dpkg, run
//! inside the root by the caller) -> clean. The same indexes and request give the same files, owners and modes.

mod alternatives;
mod apt;
mod ar;
mod catalog;
mod clean;
mod configure;
mod confined;
mod control;
mod deb;
mod distroless;
mod download;
mod filter;
mod http;
mod index;
mod index_error;
mod install;
mod install_error;
mod mirror;
mod owner;
mod package;
mod records;
mod relation;
mod release;
mod report;
mod resolve;
#[cfg(test)]
mod resolve_tests;
mod root;
mod settle;
mod status;
mod tar;
mod unmet;
mod unpack;
mod unpack_error;
mod version;
mod worker;

pub use apt::{AptSource, sources as apt_sources};
pub use catalog::{Catalog, Listing};
pub use configure::{ConfigureError, Exit, Invocation, Run};
pub use download::{DownloadError, Downloads, download};
pub use filter::Filter;
pub(crate) use http::ELSEWHERE;
pub use http::{Answer, FetchError, Http};
pub use index::{Archive, Indexes, fetch_indexes, host_architecture};
pub use index_error::IndexError;
pub use install::{Form, Report, Request, install, plan, whole};
pub use install_error::InstallError;
pub use mirror::{Mirror, Source, Suite, Trust};
pub use package::{Package, Priority};
pub use relation::{Group, Operator, Relation};
pub use release::ReleaseError;
pub use report::{Observer, Progress};
pub use resolve::{Installed, resolve};
pub use root::Owners;
pub use status::Status;
pub use unmet::ResolveError;
pub use unpack::{Records, Unpacked, Unpacking, unpack};
pub use unpack_error::UnpackError;
pub use version::compare as compare_versions;
