//! Scheduled work: the language of crontabs, when a job is due, and what to do then.
//!
//! ```text
//! CRON_TZ=Europe/Paris
//! # boatyard: overlap=queue timeout=10m
//! */5 8-18 * * mon-fri   flask sync
//! @every 90s             flask poll
//! ```
//! Everything here is decided from what is passed in.

mod day;
mod duration;
mod expression;
mod field;
mod mistake;
mod next;
mod rules;
mod schedule;
mod table;

pub use day::Stars;
pub use duration::parse as parse_duration;
pub use expression::Expression;
pub use mistake::{Mistake, Wrong};
pub use rules::{Overlap, Rules};
pub use schedule::Schedule;
pub use table::{Entry, Reading, Remark, Surprise, Table, parse};
