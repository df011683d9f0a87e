//! Asking the application how it is, and answering those who ask us.
//!
//! ```text
//! GET /ready  ->  the ready hook, else the role's probe: 200 or 503     GET /alive  ->  the alive hook
//! ```

mod cache;
mod dependency;
mod request;
mod target;

pub use cache::{Cache, Verdict};
pub use dependency::{Dependency, Host, Server, Wanted};
pub use request::{Progress, Question, read};
pub use target::{Target, Unclear};
