//! One file per verb, each as thin as it can be.

pub mod build;
mod builder;
mod caches;
mod check;
mod clean;
mod commit;
mod completions;
mod data;
mod deploy;
mod dockerfile;
mod doctor;
mod down;
mod exec;
mod image;
mod lock;
mod logs;
mod new;
mod note;
mod plan;
mod preview;
mod ps;
mod push;
mod release;
mod remote;
mod render;
mod replay;
mod revision;
mod room;
mod run;
mod s2i;
mod serve;
mod supply;
mod up;
mod version;

use crate::args::{Arguments, Verb};
use crate::project::{self, Named};
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Does what the words say.
pub fn run(arguments: &Arguments, voice: &Voice) -> Result<(), Stopped> {
    let named = Named {
        folder: arguments.folder.as_deref(),
        copy: arguments.copy.as_deref(),
    };
    // The process behind an `up -d` is started where the one before it had gone.
    if let Some(folder) = named.folder
        && !arguments.behind
    {
        project::enter(folder)?;
    }
    match &arguments.verb {
        Verb::New {
            folder,
            from,
            print,
        } => new::run(folder.as_deref(), from.as_deref(), *print, voice),
        Verb::Plan { services, forms } => plan::run(named, services, forms, voice),
        Verb::Build(words) => build::run(named, words, voice),
        Verb::Check(words) => check::run(words, voice),
        Verb::Render { target } => render::run(named, target, voice),
        Verb::Up(words) => up::run(named, words, arguments.behind, voice),
        Verb::Deploy(words) => deploy::run(named, words, voice),
        Verb::Serve(words) => serve::run(words, voice),
        Verb::Preview(words) => preview::run(words, voice),
        Verb::Down { volumes, all } => down::run(named, *volumes, *all, voice),
        Verb::Data { verb } => data::run(named, verb, voice),
        Verb::Ps { all: true } => ps::all(voice),
        Verb::Ps { all: false } => ps::run(named, voice),
        Verb::Logs {
            roles,
            follow,
            lines,
            context,
            namespace,
        } => {
            let wanted = logs::Wanted {
                processes: roles,
                last: *lines,
                follow: *follow,
            };
            match context {
                Some(context) => {
                    let there = remote::Place::new(context, namespace.as_deref());
                    remote::logs(named, &there, &wanted, voice)
                }
                None => logs::run(named, &wanted, voice),
            }
        }
        Verb::Exec {
            role,
            command,
            remote,
        } => match remote::Place::of(remote) {
            Some(there) => remote::exec(named, &there, role, command),
            None => exec::run(named, role, command),
        },
        Verb::Shell { role, remote } => match remote::Place::of(remote) {
            Some(there) => remote::shell(named, &there, role.as_deref()),
            None => exec::shell(named, role.as_deref(), voice),
        },
        Verb::Run {
            name,
            command,
            remote,
        } => match remote::Place::of(remote) {
            Some(there) => remote::run(named, &there, name.as_deref(), command),
            None => run::run(named, name.as_deref(), command, voice),
        },
        Verb::PortForward(words) => remote::forward(named, words, voice),
        Verb::Clean { downloads } => clean::clean(*downloads, voice),
        Verb::Purge { yes } => clean::purge(*yes),
        Verb::Image { verb } => image::run(verb, voice),
        Verb::Doctor => doctor::run(voice),
        Verb::Completions { shell } => completions::run(*shell),
        Verb::Builder { what } => builder::run(what, voice),
        Verb::Replay => replay::run(voice),
        Verb::Version => version::run(voice),
    }
}
