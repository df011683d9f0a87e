//! What is written down: one SQLite file. In WAL mode with every commit synced, because what was answered must outlive a kill and
//! a power cut; SQLite, because anybody can open it with any tool, and no store is tested more.

mod audit;
mod beside;
mod error;
mod forget;
mod inbox;
mod logins;
mod reported;
mod schema;
mod store;

pub use audit::{Entry, Reader};
pub use error::JournalError;
pub use forget::forget;
pub use inbox::{Inbox, Unanswered};
pub use logins::{Login, Logins};
pub use reported::{About, Record, Reported, Standing};
pub use store::{Journal, Last};
