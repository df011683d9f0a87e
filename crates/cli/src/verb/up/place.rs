//! Where the session runs: in this process, or in one that is left running.

use std::path::Path;

use super::{detached, session};
use crate::args::run::Up;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Builds the project and runs it.
pub fn run(named: Option<&Path>, words: &Up, voice: &Voice) -> Result<(), Stopped> {
    if words.detach && !words.session {
        return detached::run(named, words, voice);
    }
    session::run(named, words, voice)
}
