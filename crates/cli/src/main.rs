//! The `boatyard` command: words in, engine calls, answers out.
//!
//! ```text
//! words --args--> Verb --verb::*--> engine --events--> render --> standard error
//!                            '--answer--> standard output
//! ```
//! `clap` lives here only. A verb is one file under `verb/` and as thin as can be; what went wrong comes back as
//! [`stopped::Stopped`] and is told in one place, by `diagnose`.

mod answer;
mod args;
mod colour;
mod diagnose;
mod home;
mod leash;
mod progress;
mod project;
mod signals;
mod stopped;
mod verb;
mod voice;
mod yard;

use std::panic;
use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Arguments;
use crate::voice::Voice;

fn main() -> ExitCode {
    boatyard_engine::sandbox::helper_main_if_asked();
    panic::set_hook(Box::new(diagnose::bug::report));
    // A panic has been reported by the hook; all that is left is the exit code.
    panic::catch_unwind(run).unwrap_or_else(|_| ExitCode::from(diagnose::bug::exit()))
}

fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(refusal) => return diagnose::usage(&refusal),
    };
    let mut voice = Voice::resolve(&arguments.manner);
    if arguments.behind {
        voice = voice.for_programs();
    }
    if arguments.leash && !arguments.behind {
        leash::put_on();
    }
    match verb::run(&arguments, &voice) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stopped) => diagnose::tell(&stopped, &voice),
    }
}
