//! From the words of the command line to the loop.

use std::ffi::OsString;
use std::io::Write as _;

use boatyard_init::contract::Contract;
use boatyard_init::cron::{Call, HELP, Level, Misuse, Table, parse_call, supercronic};
use boatyard_init::environment::Environment;
use boatyard_init::exit;

use super::log::Log;
use super::run::Loop;
use super::source::{Source, Trouble};
use crate::pid1::say;
use crate::pid1::sys::signals::Inherited;

/// What Go's programs exit with when their flags are wrong.
const GO_USAGE: u8 = 2;

/// `cron`: returns the exit code. `contract` is asked only where there is no file.
pub fn run(
    words: Vec<OsString>,
    contract: impl FnOnce() -> Result<Option<Contract>, u8>,
    environment: &Environment,
    inherited: Inherited,
) -> u8 {
    let call = match parse_call(words) {
        Ok(call) => call,
        Err(misuse) => return misused(&misuse, exit::USAGE),
    };
    let source = match &call.file {
        Some(path) => Source::File(path.clone()),
        None if call.help || call.version => return answer(&call),
        None => match contract() {
            Ok(Some(contract)) => Source::Contract(contract),
            Ok(None) => {
                say::warn("there is no contract, so name a crontab");
                return exit::USAGE;
            }
            Err(code) => return code,
        },
    };
    go(&call, &source, environment, inherited)
}

/// `supercronic`: returns the exit code.
pub fn as_supercronic(words: Vec<OsString>, environment: &Environment, inherited: Inherited) -> u8 {
    match supercronic(words) {
        Ok(call) => match &call.file {
            Some(path) => go(&call, &Source::File(path.clone()), environment, inherited),
            None => answer(&call),
        },
        Err(misuse) => misused(&misuse, GO_USAGE),
    }
}

fn misused(misuse: &Misuse, code: u8) -> u8 {
    say::warn(format_args!("{misuse}\n{HELP}"));
    code
}

fn answer(call: &Call) -> u8 {
    let text = if call.version {
        concat!("boatyard-init ", env!("CARGO_PKG_VERSION"), "\n")
    } else {
        HELP
    };
    u8::from(!say::answer(text))
}

fn go(call: &Call, source: &Source, environment: &Environment, inherited: Inherited) -> u8 {
    if call.help || call.version {
        return answer(call);
    }
    let mut log = Log::new(call);
    log.tell(Level::Info, &format!("read crontab: {source}"), None);
    let read = source
        .bytes()
        .map_err(Trouble::Unreadable)
        .and_then(|bytes| Ok((source.table(&bytes, call)?, bytes)));
    let (table, bytes) = match read {
        Ok(read) => read,
        Err(trouble) => {
            for line in trouble.lines(source) {
                log.tell(Level::Error, &line, None);
            }
            log.finish();
            return 1;
        }
    };
    remarks(&mut log, &table, source);
    if call.check {
        log.tell(Level::Info, "crontab is valid", None);
        log.finish();
        return 0;
    }
    let code = match Loop::new(call, source, bytes, log, environment, inherited) {
        Ok(mut running) => running.run(table),
        Err(code) => code,
    };
    let _ = std::io::stdout().flush();
    code
}

/// Tells what may surprise.
pub(super) fn remarks(log: &mut Log, table: &Table, source: &Source) {
    if let Some(shell) = table.environment.get("SHELL") {
        log.tell(
            Level::Info,
            &format!("processes will be spawned using shell: {shell}"),
            None,
        );
    }
    for remark in &table.remarks {
        log.tell(Level::Warning, &format!("{source}:{remark}"), None);
    }
}
