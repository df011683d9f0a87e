//! The main process: started as its conduct says, watched until the end.

use std::os::fd::{AsFd as _, OwnedFd};

use boatyard_init::environment::Environment;
use boatyard_init::exit;
use boatyard_init::life::{Life, Suspension};
use boatyard_init::persona::{Conduct, Moment, Place, Subreaper, Voice};
use boatyard_init::signal::Signal;

use super::command::Program;
use super::family::Reach;
use super::sys::fork::Setup;
use super::sys::signals::{self, Signals};
use super::sys::terminal::{self, Terminal};
use super::sys::{descriptor, folder, process};
use super::watch::Watch;
use super::{say, spawn};

/// Starts the program as the main process and watches it until it is time to exit; returns the exit code. Before this,
/// init has no child.
pub fn run(
    program: &Program,
    mut conduct: Conduct,
    environment: &Environment,
    inherited: signals::Inherited,
) -> u8 {
    let theirs = if conduct.closes_descriptors {
        descriptor::inherited()
    } else {
        Vec::new()
    };
    let pid = process::id();
    let reach = Reach::find(pid);
    if let Err(code) = adopt(&conduct, pid) {
        return code;
    }
    let signals = match Signals::open() {
        Ok(signals) => signals,
        Err(error) => {
            say::warn(format_args!("cannot listen for signals: {error}"));
            return exit::SYSTEM;
        }
    };
    if conduct.forwards_faults {
        signals::block_faults();
    }
    let terminal = match conduct.place {
        Place::Group => Terminal::in_our_foreground(),
        Place::Session => {
            if terminal::give_up() {
                conduct.policy.ignored_once = vec![Signal::HUP, Signal::CONT];
            }
            None
        }
        Place::Same => None,
    };
    if pid != 1 && terminal.is_some() && conduct.voice == Voice::Boatyard {
        conduct.policy.suspension = Suspension::WithMain;
    }
    let place = Folder::leave(conduct.leaves_folder);
    let setup = Setup {
        inherited,
        clean_signals: conduct.clean_signals,
        place: conduct.place,
        terminal: terminal.as_ref(),
        folder: place.0.as_ref().map(OwnedFd::as_fd),
        streams: &[],
        passes_sockets: conduct.passes_sockets,
        environment,
    };
    let main = match spawn::spawn(program, &setup, &conduct.voice) {
        Ok(main) => main,
        Err(code) => return code,
    };
    descriptor::close(&theirs);
    if let Some(said) = conduct.voice.at(Moment::Started {
        program: &program.name(),
        pid: main,
    }) {
        say::said(&said);
    }
    let watch = Watch {
        signals: &signals,
        main,
        reach,
        terminal: terminal.as_ref(),
        voice: conduct.voice,
    };
    let code = watch.until_exit(Life::new(main, conduct.policy));
    if let Some(terminal) = terminal.filter(|_| pid != 1) {
        terminal.take_back_from(main);
    }
    code
}

/// Makes orphans ours where we are not PID 1, and ourselves end with our parent, as the conduct says.
fn adopt(conduct: &Conduct, pid: i32) -> Result<(), u8> {
    if let Some(signal) = conduct.parent_death
        && process::on_parent_death(signal).is_err()
    {
        say::warn("cannot ask for a signal when the parent dies");
        return Err(1);
    }
    if pid == 1 {
        return Ok(());
    }
    match conduct.subreaper {
        Subreaper::No => {
            if let Some(said) = conduct.voice.at(Moment::NotReaping) {
                say::said(&said);
            }
        }
        Subreaper::Yes => {
            if let Err(error) = process::become_subreaper() {
                say::warn(format_args!(
                    "orphans will not come to init, which is not PID 1: {error}"
                ));
            }
        }
    }
    Ok(())
}

/// The folder that init was started in, if it has left it.
struct Folder(Option<OwnedFd>);

impl Folder {
    /// Goes to the root before the fork, so that there is no moment at which the main process runs and init still keeps
    /// the folder in use. Where the folder cannot be gone back to, it is not left.
    fn leave(leaves: bool) -> Self {
        let current = leaves.then(folder::current).and_then(Result::ok);
        if current.is_some() {
            folder::leave();
        }
        Self(current)
    }
}
