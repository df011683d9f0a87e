//! Hooks: scripts of the application at named moments, as in S2I images with powershift's action hooks.
//!
//! ```text
//! .s2i/action_hooks/deploy_env        sourced before anything of the application runs
//! .s2i/action_hooks/deploy            run before the main process
//! /etc/boatyard/hooks/ready           the image's own; ready.d/* after it
//! .s2i/jobs/nightly/*                 run by "jobs nightly"
//! ```

mod category;
mod layout;
mod moment;

pub use category::{is_job, sorted};
pub use layout::{IMAGE_HOOKS, IMAGE_JOBS, Layout};
pub use moment::Moment;
