//! One deploy of a project at a time: a Lease is the lock.
//!
//! ```text
//! lock -> Held -- renew every 10 s --> released
//!           '---- confirm, before a phase that writes: another holder or another transition means that it was lost
//! ```
//!
//! Who holds it renews it; what somebody who waits has not seen renewed for [`SECONDS`] may be taken over, so that a deploy
//! that was killed does not lock its project for ever. Who waits counts by a clock of its own, from when it looked first, as
//! Kubernetes' leader election does: clocks of two machines need not agree.

mod decision;
mod entry;
mod error;
mod held;

pub use decision::{Decision, SECONDS, decide};
pub use error::{Error, Lost};
pub use held::{Held, lock};
