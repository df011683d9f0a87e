//! `boatyard exec` and `boatyard shell`: a program in a container that runs.

use std::io::{IsTerminal as _, stdin, stdout};

use boatyard_engine::sandbox::{Running, Sandbox, Signal};
use boatyard_engine::session::{self, Record};
use boatyard_init::contract;
use boatyard_store::Store;

use crate::home;
use crate::project::{self, Found, Named};
use crate::signals;
use crate::stopped::Stopped;
use crate::verb::run::fresh;
use crate::voice::Voice;

/// Runs a command in a running container; ends with its exit code.
pub fn run(named: Named<'_>, process: &str, command: &[String]) -> Result<(), Stopped> {
    let found = project::find(named)?;
    let words = ["exec", "--"].map(str::to_owned).into_iter();
    inside(
        &found,
        process,
        words.chain(command.iter().cloned()).collect(),
    )
}

/// Opens a shell in a running container, or in a new one where it does not run.
pub fn shell(named: Named<'_>, process: Option<&str>, voice: &Voice) -> Result<(), Stopped> {
    let found = project::find(named)?;
    let words = vec!["shell".to_owned()];
    let first = found.project.roles.first().map(|role| role.name.as_str());
    let Some(process) = process.or(first) else {
        return fresh(&found, None, &words, voice);
    };
    let record = Record::read(&found.place(&home::locate()?));
    if record.is_ok_and(|record| record.running(process).is_ok()) {
        inside(&found, process, words)
    } else {
        fresh(&found, Some(process), &words, voice)
    }
}

/// Runs words of boatyard-init in the container of a process.
pub fn inside(found: &Found, process: &str, words: Vec<String>) -> Result<(), Stopped> {
    let home = home::locate()?;
    let record = Record::read(&found.place(&home))?;
    let (process, pid) = record.running(process)?;
    let store = Store::open(&home)?;
    let init = std::iter::once(contract::BINARY.to_owned());
    let argv: Vec<String> = init.chain(words).collect();
    let terminal = on_terminal();
    let running = session::enter(&Sandbox::default(), &store, process, pid, &argv, terminal)?;
    wait(running, terminal)
}

/// Whether a program would talk to our terminal.
pub fn on_terminal() -> bool {
    stdin().is_terminal() && stdout().is_terminal()
}

/// Waits for the end of a program and takes over its exit code. Signals go on to it; those of the terminal reach it
/// without us if it is on it.
pub fn wait(mut running: Running, terminal: bool) -> Result<(), Stopped> {
    let handle = running.handle();
    signals::each(move |signal| {
        if !terminal || !matches!(signal, Signal::INT | Signal::QUIT) {
            handle.signal(signal);
        }
    })?;
    let exit = running.wait()?;
    match u8::try_from(exit.code).unwrap_or(70) {
        0 => Ok(()),
        code => Err(Stopped::Ended(code)),
    }
}
