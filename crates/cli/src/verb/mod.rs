//! One file per verb, each as thin as it can be.

mod completions;
mod replay;
mod version;

use crate::args::Verb;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Does what the words say.
pub fn run(verb: &Verb, voice: &Voice) -> Result<(), Stopped> {
    match verb {
        Verb::Completions { shell } => completions::run(*shell),
        Verb::Replay => replay::run(voice),
        Verb::Version => version::run(voice),
    }
}
