//! What runs inside the container.
//!
//! The library holds what can be decided without touching the system: the [`contract`] (the file that the builder
//! writes into an image and that `boatyard-init` reads there; whoever writes it links the code that reads it), the
//! [`invocation`] of the binary, what to [`launch`], and the [`life`] of the main process as `step(event) -> actions`, and
//! [`cron`]: the language of crontabs and when a job is due.
//! The binary (`src/main.rs`, `src/pid1/`) acts on those decisions.

pub mod config;
pub mod contract;
pub mod control;
pub mod cron;
pub mod environment;
pub mod exit;
pub mod hook;
pub mod http;
pub mod invocation;
pub mod launch;
pub mod life;
pub mod line;
pub mod lines;
pub mod log;
pub mod persona;
pub mod preset;
pub mod probe;
pub mod procfile;
pub mod resolve;
pub mod signal;
pub mod supervise;
