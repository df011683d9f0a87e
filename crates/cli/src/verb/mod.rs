//! One file per verb, each as thin as it can be.

mod completions;
mod doctor;
mod image;
mod plan;
mod replay;
mod version;

use crate::args::{Arguments, Verb};
use crate::project;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Does what the words say.
pub fn run(arguments: &Arguments, voice: &Voice) -> Result<(), Stopped> {
    let named = arguments.folder.as_deref();
    if let Some(folder) = named {
        project::enter(folder)?;
    }
    match &arguments.verb {
        Verb::Plan { services } => plan::run(named, services, voice),
        Verb::Image { verb } => image::run(verb, voice),
        Verb::Doctor => doctor::run(voice),
        Verb::Completions { shell } => completions::run(*shell),
        Verb::Replay => replay::run(voice),
        Verb::Version => version::run(voice),
    }
}
