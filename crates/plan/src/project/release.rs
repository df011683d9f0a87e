//! `[release]`: the images of Python releases that are built with this file.

use serde::{Deserialize, Serialize};

/// What the file says about images of releases, besides `[image]`, roles, jobs and schedules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseTable {
    /// The image's name behind the prefix; default: the release's, with its extras.
    pub name: Option<String>,
    /// The console script that the image runs.
    pub entrypoint: Option<String>,
    /// Constraint files.
    pub constraints: Vec<String>,
    /// Folders with wheels.
    pub find_links: Vec<String>,
    /// pip's configuration file.
    pub pip_conf: Option<String>,
    /// Absolute paths of folders that outlive containers.
    pub volumes: Vec<String>,
    /// Ports, as `8080/tcp`.
    pub ports: Vec<String>,
}
