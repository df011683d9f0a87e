//! The main process: started as its conduct says, watched until the end.

use std::os::fd::{AsFd as _, AsRawFd, OwnedFd, RawFd};

use boatyard_init::environment::Environment;
use boatyard_init::exit;
use boatyard_init::life::{Farewell, Life, Suspension};
use boatyard_init::log::Format;
use boatyard_init::persona::{Conduct, Moment, Place, Voice};
use boatyard_init::signal::Signal;

use super::command::Program;
use super::dev_log::DevLog;
use super::family::Reach;
use super::ground::Ground;
use super::log::Log;
use super::outlet::Outlet;
use super::sibling::Sibling;
use super::sys::fork::Setup;
use super::sys::terminal::{self, Terminal};
use super::sys::{descriptor, folder};
use super::watch::Watch;
use super::wishes::Wishes;
use super::{say, spawn};

/// Starts the program as the main process and watches it until it is time to exit; returns the exit code.
pub fn run(
    program: &Program,
    mut conduct: Conduct,
    environment: &Environment,
    ground: &Ground,
    wishes: &Wishes,
) -> u8 {
    let pid = ground.pid;
    let terminal = ground.terminal.as_ref();
    if conduct.place == Place::Session && terminal::give_up() {
        conduct.policy.ignored_once = vec![Signal::HUP, Signal::CONT];
    }
    if pid != 1 && terminal.is_some() && conduct.voice == Voice::Boatyard {
        conduct.policy.suspension = Suspension::WithMain;
    }
    if ground.reach == Reach::Nobody && conduct.policy.farewell == Farewell::Everybody {
        conduct.policy.farewell = Farewell::Nobody;
    }
    let mut beside = match wishes.prepare(environment) {
        Ok(beside) => beside,
        Err(code) => return code,
    };
    let mut ends = Vec::new();
    if let Some(format) = wishes.log {
        match Log::new(format, wishes.role.clone()) {
            Ok((log, theirs)) => {
                beside.log = Some(log);
                ends = theirs;
            }
            Err(error) => {
                say::warn(format_args!("cannot make a pipe: {error}"));
                return exit::SYSTEM;
            }
        }
    }
    let format = wishes.log.unwrap_or(Format::Raw);
    beside.syslog = DevLog::open(&wishes.syslog, format, &wishes.role, pid == 1)
        .map(|socket| (socket, Outlet::new(1)));
    let folder = leave_folder(conduct.leaves_folder);
    let setup = Setup {
        identity: None,
        inherited: ground.inherited,
        clean_signals: conduct.clean_signals,
        place: conduct.place,
        terminal,
        folder: folder.as_ref().map(OwnedFd::as_fd),
        streams: &Log::streams(&ends),
        passes_sockets: conduct.passes_sockets,
        environment,
    };
    let main = match spawn::spawn(program, &setup, &conduct.voice) {
        Ok(main) => main,
        Err(code) => return code,
    };
    drop(ends);
    if conduct.closes_descriptors {
        close_inherited(ground, folder.as_ref(), wishes);
    }
    let sibling = Sibling { ground };
    if wishes.has_post_deploy {
        let folder = folder.as_ref().map(OwnedFd::as_fd);
        let pid = sibling.start(
            &["--after-start"],
            &wishes.environment(environment),
            folder,
            &[],
        );
        beside.after_start = pid.map(|pid| (pid, wishes.is_strict));
    }
    if let Some(said) = conduct.voice.at(Moment::Started {
        program: &program.name(),
        pid: main,
    }) {
        say::said(&said);
    }
    let watch = Watch {
        signals: &ground.signals,
        main,
        reach: ground.reach,
        terminal,
        voice: conduct.voice,
        beside,
        sibling,
    };
    let code = watch.until_exit(Life::new(main, conduct.policy));
    if let Some(terminal) = terminal.filter(|_| pid != 1) {
        terminal.take_back_from(main);
    }
    code
}

/// Goes to the root before the fork, so that there is no moment at which the main process runs and init still keeps the
/// folder in use. Gives the folder; where it could not be gone back to, it is not left.
fn leave_folder(leaves: bool) -> Option<OwnedFd> {
    let current = leaves.then(folder::current).and_then(Result::ok);
    if current.is_some() {
        folder::leave();
    }
    current
}

/// Closes what the main process has got. Of a plain command all that is ours is known; what a role has beside it is not
/// worth a list.
fn close_inherited(ground: &Ground, folder: Option<&OwnedFd>, wishes: &Wishes) {
    if !wishes.role.is_empty() {
        return descriptor::close_inherited(&[]);
    }
    let terminal = ground.terminal.as_ref().map(Terminal::descriptor);
    let folder = folder.map(AsRawFd::as_raw_fd);
    let ours = [Some(ground.signals.fd()), terminal, folder];
    let mut ours: Vec<RawFd> = ours.into_iter().flatten().collect();
    descriptor::close_all_but(&mut ours);
}
