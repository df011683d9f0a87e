//! Bills of materials: what is in an image, said by its own package databases, as SPDX or `CycloneDX`.
//!
//! ```text
//! dpkg's status, os-release --debian--.
//!                                      +--> Inventory --spdx::document | cyclonedx::document--> JSON
//! *.dist-info, *.egg-info ---python---'          of a Subject: the image
//! ```
//! The same image gives the same bytes: packages are sorted, and what names the document (SPDX' namespace, `CycloneDX`
//! serial number) comes from the image's digest, not from chance.

pub mod cyclonedx;
pub mod debian;
mod field;
mod inventory;
mod licence;
mod origin;
mod package;
mod purl;
pub mod python;
pub mod spdx;
mod subject;

pub(crate) use origin::public;
pub(crate) use purl::purl;

pub use inventory::Inventory;
pub use licence::Licence;
pub use origin::Origin;
pub use package::Package;
pub use subject::Subject;
