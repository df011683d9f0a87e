//! Data that volumes begin with.

use boatyard_cluster::data::Kept;
use boatyard_engine::session::saved::tars::{self, Tars};
use boatyard_plan::project::Project;

use crate::home;
use crate::stopped::Stopped;
use crate::verb::remote::data;

/// What was saved of the project as `name`, which stays there as long as the other part of the answer is held.
pub fn with(project: &Project, name: &str) -> Result<(Kept, Tars), Stopped> {
    let tars = tars::open(&home::locate()?, &project.name, name)?;
    Ok((data::kept(&tars)?, tars))
}
