//! `boatyard builder`: what is done in a pod in which images are built, for a `boatyard deploy --builder` elsewhere.
//!
//! ```text
//! keep     the first process of the pod: ends when nobody has been here for a while
//! build    standard input: an order, a tar of the sources, then a byte now and then     --> events, {"built": ...}
//! pull     standard input: an order with logins, then a byte now and then               --> events
//! push     standard input: an order with logins, then a byte now and then               --> events
//! ```
//! Who gives an order and is not heard any more is gone: what is done for him ends. Not shown in the help: nobody types it.

mod build;
mod entrusted;
mod hearing;
mod keep;
mod order;
mod pull;
mod push;
mod run;

pub use hearing::PULSE;
pub use order::{Assignment, Delivery, Provision, VERSION, write};
pub use run::run;
