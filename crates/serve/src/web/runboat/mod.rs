//! What runboat's clients ask for, as runboat answers it: REST and events below `/api/v1`, `/webhooks/github`, and the addresses that
//! stand in statuses. An environment is a build there. Where we differ stands in docs/reference/runboat.md.
//!
//! Source: sbidoul/runboat at abc930f; its answers are in crates/serve/tests/web/runboat/recorded.json.

mod act;
mod ansi;
mod asked;
mod build;
mod document;
mod events;
mod filter;
mod guard;
mod hook;
mod link;
mod lists;
mod log;
mod many;
mod refusal;
mod routes;
mod status;
mod trigger;

pub use document::DOCUMENT;
pub use hook::PATH as HOOK;
pub use routes::{ROUTES, add};
