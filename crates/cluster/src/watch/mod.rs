//! What a cluster holds of some kinds, kept up to date.
//!
//! ```text
//! feed: list --> watch from there --> its time is over, or it broke --> watch from the last version
//!        '<-- the server knows nothing so old any more (410) <--'
//! ```
//!
//! Each kind is listed and then watched from there, so that nothing older than the list is seen again. A server that says nothing
//! is noticed after [`Limits::silence`](crate::retry::Limits::silence) at the latest: watches are asked for a time that ends before.

mod everywhere;
mod feed;
mod figures;
mod herald;
mod look;
mod metadata;
mod namespace;
mod outline;
mod pause;
mod roll;
mod wanted;

pub use everywhere::{News, Place, everywhere};
pub use feed::feed;
pub use figures::{Figures, Meter, exposition};
pub(crate) use herald::Pace;
pub use herald::{Change, Herald};
pub use look::look;
pub use metadata::Metadata;
pub use namespace::Watch;
pub use outline::Outline;
pub(crate) use roll::Roll;
pub use wanted::{First, Wanted};
