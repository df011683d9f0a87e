//! Pods in which images are built, where the machine that deploys cannot, or should not.
//!
//! ```text
//! shared    one for all whose word counts: found by its name, or made; it ends by itself once nobody has used it for a while
//! alone     one for each build of what nobody trusts, which goes with it
//! ```
//! Whoever builds starts our own command in it, gives it the sources, and hears its events: [`Builder::run`]. What has ended is
//! removed by whoever comes next.

mod error;
mod image;
mod open;
mod outside;
mod pod;
mod wish;

pub use error::Error;
pub use image::own as own_image;
pub use open::{Builder, open};
pub(crate) use outside::outside;
pub use wish::{Company, Wish};
