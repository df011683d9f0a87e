//! What programs ask for, under `/api/`.

mod act;
mod document;
mod environments;
mod events;
mod lists;
mod log;
mod snapshots;

pub use act::{act, approve, pin, reset, start, stop, undeploy, unpin};
pub use document::{DOCUMENT, document};
pub use environments::{find, history, list, one};
pub use events::events;
pub use lists::{audit, limits, queue};
pub use log::{follow, piece};
pub use snapshots::{Wanted, ask, discard, restore, save};
