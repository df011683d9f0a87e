//! The tag of the images that are named.

use crate::project::Found;
use crate::stopped::Stopped;
use crate::verb::revision;

/// The tag that was said, else that of the docker form of the project's revision.
pub(super) fn docker(said: Option<&str>, found: &Found) -> Result<String, Stopped> {
    match said {
        Some(tag) => Ok(tag.to_owned()),
        None => Ok(format!("docker-{}", revision::of(&found.folder)?.0.tag)),
    }
}
