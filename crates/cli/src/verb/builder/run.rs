//! Which of it is asked for.

use super::{build, keep, pull, push};
use crate::args::builder::Inside;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Does what is asked for.
pub fn run(what: &Inside, voice: &Voice) -> Result<(), Stopped> {
    match what {
        Inside::Keep { idle } => keep::run(*idle),
        Inside::Build => build::run(),
        Inside::Pull => pull::run(voice),
        Inside::Push => push::run(voice),
    }
}
