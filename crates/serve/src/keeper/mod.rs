//! The keeper: it alone knows what is there, decides, and has it written down before anything is done about it.

mod batch;
mod handle;
mod known;
mod message;
mod work;

pub(crate) use batch::Done;
pub use handle::{AskError, Keeper, Stopped};
pub use known::Known;
pub use message::{Heard, Receipt};
