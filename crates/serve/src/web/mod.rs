//! The web side: hooks, API, page, and the way to environments.
//!
//! ```text
//! request --Host--> page, API, hooks    POST --> Keeper; GET <-- what is known; streams <-- Feed
//!               '-> LABEL.domain        a proxy that wakes what sleeps
//! ```

pub mod access;
mod action;
mod api;
mod audit;
mod card;
mod directory;
mod front;
mod health;
mod histogram;
mod hook;
mod host;
mod log;
mod metrics;
mod moment;
mod observe;
mod page;
mod peer;
mod problem;
mod proxy;
mod queue;
mod routes;
mod runboat;
mod search;
mod server;
pub mod settings;
mod site;
mod standby;
mod stream;

pub use action::Action;
pub use api::DOCUMENT;
pub use routes::{API, PAGES, Route};
pub use runboat::{DOCUMENT as RUNBOAT_DOCUMENT, ROUTES as RUNBOAT};
pub use server::serve;
pub use site::{Hooks, Mark, Obey, Parts, Site};
pub use standby::{Leads, Standby};
