//! The project file: what the user describes.
//!
//! ```text
//! parse(text) -> Ok(Project)            checked: names, paths, ports and references to each other all fit
//!             -> Err(Vec<Diagnostic>)   every mistake of the file, in its order
//! ```

mod backing;
mod deploy;
mod foreign;
mod lines;
mod model;
mod preview;
mod read;
mod release;
mod requirements;
mod suite;

pub use backing::{Backing, BackingKind, Hosting};
pub(crate) use deploy::runs_once;
pub use deploy::{Deploy, Placement, Resources, Right, Volume};
pub use foreign::{DOCKER, foreign, help as allowed_by, registry};
pub use lines::Lines;
pub use model::*;
pub use preview::Preview;
pub use read::{is_signal, parse};
pub use release::ReleaseTable;
pub use requirements::{Installer, Requirements};
pub use suite::{SUITES, Suite};
