//! Scheduled work: the language of crontabs, when a job is due, and what to do then.
//!
//! ```text
//! CRON_TZ=Europe/Paris
//! # boatyard: overlap=queue timeout=10m
//! */5 8-18 * * mon-fri   flask sync
//! @every 90s             flask poll
//! ```
//! Everything here is decided from what is passed in; [`Scheduler`] is `step(event, now) -> actions`.

mod call;
mod day;
mod duration;
mod expression;
mod field;
mod metric;
mod mistake;
mod next;
mod page;
mod plain;
mod record;
mod retry;
mod rules;
mod schedule;
mod scheduler;
mod table;
mod zone;

pub use call::{Call, HELP, Misuse, parse as parse_call, supercronic};
pub use day::Stars;
pub use duration::parse as parse_duration;
pub use expression::Expression;
pub use metric::{Reloads, metrics};
pub use mistake::{Mistake, Wrong};
pub use page::answer;
pub use plain::Plain;
pub use record::{Channel, Format, Level, Record};
pub use retry::{Found, Retry};
pub use rules::{Overlap, Rules};
pub use schedule::Schedule;
pub use scheduler::{
    About, Action, Counts, Event, Note, Now, Options, Outcome, RunId, Scheduler, Wake,
};
pub use table::{Entry, Reading, Remark, Surprise, Table, parse};
pub use zone::{is_zone, zones};
