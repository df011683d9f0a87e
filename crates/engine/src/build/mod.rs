//! Executes build plans.
//!
//! ```text
//! BuildPlan -> Builder::build -> for each image: stage -> (parent stage) -> steps -> Tree -> image in the store
//!                                   step: key -> action in the store? -> its layer : do it, keep layer, keep action
//! ```
//! Stages are built once, whoever asks first; independent ones side by side. One look-up per step, and a step whose
//! inputs are the same is not done again, whichever project or process did it before.

mod aside;
pub(crate) mod base;
mod bench;
mod builder;
mod bytecode;
pub(crate) mod command;
pub(crate) mod confined;
mod copy;
mod entry_point;
mod environment;
pub(crate) mod epoch;
mod error;
mod facts;
mod files;
pub(crate) mod foreign;
mod hanging;
pub(crate) mod image;
mod index;
mod installer;
pub(crate) mod key;
mod links;
pub(crate) mod once;
mod options;
mod packages;
mod pattern;
mod python;
mod ready;
mod recipe;
mod requirements;
mod step;
mod suite;
mod uv;
pub(crate) mod within;

pub use bench::Bench;
pub(crate) use builder::on_top;
pub use builder::{Builder, Built};
pub use confined::{Confinement, sources_of_machine};
pub use copy::digest_of_sources;
pub use environment::{ca_bundle, outside};
pub use error::BuildError;
pub(crate) use facts::facts;
pub use foreign::ForeignError;
pub use index::Index;
pub(crate) use key::named;
pub use options::Options;
pub use recipe::Given;
