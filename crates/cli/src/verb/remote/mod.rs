//! `logs`, `exec`, `shell` and `run` with `--context`: and `data`: the same words, of what is deployed to a cluster; and `port-forward`.

pub mod data;
mod exec;
mod forward;
mod logs;
mod place;
mod run;
mod terminal;

pub use exec::{exec, shell};
pub use forward::forward;
pub use logs::logs;
pub use place::Place;
pub use run::run;
