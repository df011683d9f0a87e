//! The build plan: stages, steps and images, and why each exists.

mod backings;
mod config;
mod model;
mod project;
mod render;
mod select;
mod services;
mod stages;
mod steps;
mod surroundings;

pub use backings::deployed_reference;
pub(crate) use backings::reference as backing_reference;
pub(crate) use config::{env, home, labels, run_config};
pub use model::*;
pub use project::plan;
pub use render::render;
pub use select::{UnknownService, plan_services};
pub use services::{contract as contract_of, kept_out};
pub(crate) use services::{contract_file, reference as service_reference};
pub use stages::without_password;
pub(crate) use stages::{PYTHON, shared_stages};
pub(crate) use steps::Draft;
pub use surroundings::PASSED;
