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
//!
//! Of several servers one acts: the same, for good ([`take`]). What it has not renewed for two thirds of the time it takes for
//! lost, before anybody else may take it; then its [`Fence`] lets no call through any more.

mod decision;
mod entry;
mod error;
mod fence;
mod held;
mod term;

pub use decision::{Decision, SECONDS, decide};
pub use error::{Error, Lost};
pub use fence::Fence;
pub use held::{Held, lock};
pub use term::{Leader, Place, Term, take};
