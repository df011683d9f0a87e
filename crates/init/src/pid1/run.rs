//! From the arguments to the exit code.

use std::ffi::OsString;

use boatyard_init::contract::{self, Contract};
use boatyard_init::invocation::{self, Invocation, Verb};
use boatyard_init::launch::{self, Launch};
use boatyard_init::life::{Life, Policy, Success};
use boatyard_init::{exit, invocation::HELP};

use super::family::Reach;
use super::sys::{process, signals};
use super::{answer, command, say, spawn, watch};

/// Runs init with the words of the command line (the program's name first) and returns its exit code. All signals are
/// blocked already; `inherited` is what they were before.
pub fn run(words: Vec<OsString>, inherited: signals::Inherited) -> u8 {
    let invocation = match invocation::parse(words.into_iter().skip(1).collect()) {
        Ok(invocation) => invocation,
        Err(misuse) => {
            say::warn(format_args!("{misuse}\n{HELP}"));
            return exit::USAGE;
        }
    };
    match prepare(&invocation) {
        Ok(Prepared::Launch(launch)) => supervise(&launch, invocation.success, inherited),
        Ok(Prepared::Answered(code)) | Err(code) => code,
    }
}

enum Prepared {
    Answered(u8),
    Launch(Launch),
}

/// Answers what needs no process, or decides what to launch. What failed has been told; the error is the exit code.
fn prepare(invocation: &Invocation) -> Result<Prepared, u8> {
    match invocation.verb {
        Verb::Version => return Ok(Prepared::Answered(answer::version())),
        Verb::Help => return Ok(Prepared::Answered(answer::help())),
        Verb::Exec { .. } | Verb::Shell | Verb::Run { .. } => {}
        Verb::Start { .. } | Verb::Job { .. } | Verb::Roles | Verb::Default => {
            return with_contract(invocation);
        }
    }
    launch::choose(invocation, None, None)
        .map(Prepared::Launch)
        .map_err(|refusal| refuse(&refusal))
}

fn with_contract(invocation: &Invocation) -> Result<Prepared, u8> {
    let contract = read_contract(&invocation.verb)?;
    if let (Verb::Roles, Some(contract)) = (&invocation.verb, &contract) {
        return Ok(Prepared::Answered(answer::roles(contract)));
    }
    let role = std::env::var_os("ROLE").map(|role| role.to_string_lossy().into_owned());
    launch::choose(invocation, contract.as_ref(), role.as_deref())
        .map(Prepared::Launch)
        .map_err(|refusal| refuse(&refusal))
}

fn refuse(refusal: &launch::Refusal) -> u8 {
    say::warn(refusal);
    refusal.exit_code()
}

fn read_contract(verb: &Verb) -> Result<Option<Contract>, u8> {
    let path = contract::PATH;
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if !launch::needs_contract(verb) {
                return Ok(None);
            }
            say::warn(format_args!(
                "this image has no contract: there is no {path}; run a command with \"exec -- CMD\""
            ));
            return Err(exit::CONFIG);
        }
        Err(error) => {
            say::warn(format_args!("cannot read the contract {path}: {error}"));
            return Err(exit::CONFIG);
        }
    };
    contract::parse(&bytes).map(Some).map_err(|broken| {
        say::warn(format_args!("cannot use the contract {path}: {broken}"));
        exit::CONFIG
    })
}

fn supervise(launch: &Launch, success: Success, inherited: signals::Inherited) -> u8 {
    let pid = process::id();
    let reach = Reach::find(pid);
    if pid != 1
        && let Err(error) = process::become_subreaper()
    {
        say::warn(format_args!(
            "orphans will not come to init, which is not PID 1: {error}"
        ));
    }
    let program = match command::program(&launch.what) {
        Ok(program) => program,
        Err(code) => return code,
    };
    let signals = match signals::Signals::open() {
        Ok(signals) => signals,
        Err(error) => {
            say::warn(format_args!("cannot listen for signals: {error}"));
            return exit::SYSTEM;
        }
    };
    let main = match spawn::spawn(&program, inherited) {
        Ok(main) => main,
        Err(code) => return code,
    };
    let policy = Policy {
        target: launch.stop.target,
        stop_signal: launch.stop.signal,
        grace: launch.stop.grace,
        leftovers: reach != Reach::Nobody,
        success,
    };
    watch::watch(&signals, main, reach, Life::new(main, policy))
}
