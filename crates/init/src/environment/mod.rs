//! The environment of the application: what is given, what is added, what scripts change.
//!
//! ```text
//! inherited --account, limits--> layers' env folders --exec.d--> deploy_env --> the environment of hooks and main
//! ```

mod account;
mod exec_d;
mod layer;
mod limits;
mod map;
mod sourced;
mod strings;

pub use account::{Account, Identity, account, identity};
pub use exec_d::{Unusable, variables};
pub use layer::{EnvFile, apply};
pub use limits::{Limits, limits};
pub use map::Environment;
pub use sourced::take_over;
pub use strings::Mistake;
