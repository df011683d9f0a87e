//! One file per verb, each as thin as it can be.

mod build;
mod clean;
mod completions;
mod doctor;
mod down;
mod enter;
mod image;
mod logs;
mod plan;
mod ps;
mod replay;
mod up;
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
        Verb::Build(words) => build::run(named, words, voice),
        Verb::Up(words) => up::run(named, words, voice),
        Verb::Down { volumes } => down::run(named, *volumes, voice),
        Verb::Ps => ps::run(named, voice),
        Verb::Logs { roles, follow } => logs::run(named, roles, *follow, voice),
        Verb::Exec { role, command } => enter::exec(named, role, command),
        Verb::Shell { role } => enter::shell(named, role.as_deref(), voice),
        Verb::Run { job, command } => enter::run(named, job.as_deref(), command, voice),
        Verb::Clean { downloads } => clean::clean(*downloads, voice),
        Verb::Purge { yes } => clean::purge(*yes),
        Verb::Image { verb } => image::run(verb, voice),
        Verb::Doctor => doctor::run(voice),
        Verb::Completions { shell } => completions::run(*shell),
        Verb::Replay => replay::run(voice),
        Verb::Version => version::run(voice),
    }
}
