//! The run plan: which processes `up` starts, in which order, with what.

mod deployed;
mod model;
mod order;
mod preview;
mod probe;
mod project;

pub use deployed::deployed;
pub use model::*;
pub use order::Unknown;
pub use preview::{cleanup, preview};
pub use probe::NotAProbe;
pub use project::{job, plan, scheduled, without_job, without_jobs, without_schedules};
