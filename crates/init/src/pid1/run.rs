//! From the arguments to the exit code.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use boatyard_init::contract::{self, Contract};
use boatyard_init::environment::Environment;
use boatyard_init::invocation::{self, Invocation, Verb};
use boatyard_init::launch::{self, Launch, What};
use boatyard_init::life::{Farewell, Policy};
use boatyard_init::persona::{Conduct, Persona, Place, Request, Subreaper, Voice};
use boatyard_init::{exit, invocation::HELP};

use super::family::Reach;
use super::sys::{process, signals};
use super::{answer, command, config, cron, main_process, pause, say};

/// Runs init with the words of the command line (the program's name first) and returns its exit code. All signals are
/// blocked already; `inherited` is what they were before.
pub fn run(words: Vec<OsString>, environment: &Environment, inherited: signals::Inherited) -> u8 {
    if let Some(persona) = words.first().and_then(|name| Persona::of(name)) {
        return impersonate(persona, words, environment, inherited);
    }
    let invocation = match invocation::parse(words.into_iter().skip(1).collect()) {
        Ok(invocation) => invocation,
        Err(misuse) => {
            say::warn(format_args!("{misuse}\n{HELP}"));
            return exit::USAGE;
        }
    };
    if let Verb::Config { words } = &invocation.verb {
        return config::run(words.clone(), environment);
    }
    if let Verb::Cron { words } = &invocation.verb {
        let contract = || read_contract(&invocation.verb);
        return cron::run(words.clone(), contract, environment, inherited);
    }
    let launch = match prepare(&invocation, environment) {
        Ok(Prepared::Launch(launch)) => launch,
        Ok(Prepared::Answered(code)) | Err(code) => return code,
    };
    match command::program(&launch.what, environment) {
        Ok(program) => {
            let conduct = conduct(&launch, &invocation, Reach::find(process::id()));
            main_process::run(&program, conduct, environment, inherited)
        }
        Err(code) => code,
    }
}

enum Prepared {
    Answered(u8),
    Launch(Launch),
}

/// Answers what needs no process, or decides what to launch. What failed has been told; the error is the exit code.
fn prepare(invocation: &Invocation, environment: &Environment) -> Result<Prepared, u8> {
    match invocation.verb {
        Verb::Version => return Ok(Prepared::Answered(answer::version())),
        Verb::Help => return Ok(Prepared::Answered(answer::help())),
        Verb::Exec { .. }
        | Verb::Shell
        | Verb::Run { .. }
        | Verb::Cron { .. }
        | Verb::Config { .. } => {}
        Verb::Start { .. } | Verb::Job { .. } | Verb::Roles | Verb::Default => {
            return with_contract(invocation, environment);
        }
    }
    launch::choose(invocation, None, None)
        .map(Prepared::Launch)
        .map_err(|refusal| refuse(&refusal))
}

fn with_contract(invocation: &Invocation, environment: &Environment) -> Result<Prepared, u8> {
    let contract = read_contract(&invocation.verb)?;
    if let (Verb::Roles, Some(contract)) = (&invocation.verb, &contract) {
        return Ok(Prepared::Answered(answer::roles(contract)));
    }
    let role = environment
        .get("ROLE")
        .map(|role| String::from_utf8_lossy(role).into_owned());
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

/// How init itself treats what it launches.
fn conduct(launch: &Launch, invocation: &Invocation, reach: Reach) -> Conduct {
    Conduct {
        policy: Policy {
            target: launch.stop.target,
            stop_signal: launch.stop.signal,
            rewrites: invocation.rewrites.clone(),
            grace: launch.stop.grace,
            farewell: if reach == Reach::Nobody {
                Farewell::Nobody
            } else {
                Farewell::Everybody
            },
            success: invocation.success.clone(),
            ..Policy::default()
        },
        place: Place::Group,
        clean_signals: false,
        forwards_faults: false,
        passes_sockets: true,
        closes_descriptors: true,
        subreaper: Subreaper::Yes,
        parent_death: None,
        leaves_folder: true,
        voice: Voice::Boatyard,
    }
}

/// Does what another init would have done that has our name.
fn impersonate(
    persona: Persona,
    words: Vec<OsString>,
    environment: &Environment,
    inherited: signals::Inherited,
) -> u8 {
    let variable = |name: &str| {
        let value = environment.get(name)?;
        Some(OsString::from_vec(value.to_vec()))
    };
    match persona.request(words, variable, process::id()) {
        Request::Say { said, code } => {
            if say::all(&said) {
                code
            } else {
                1
            }
        }
        Request::Pause => pause::until_stopped(),
        Request::Cron { words } => cron::as_supercronic(words, environment, inherited),
        Request::Run { words, conduct } => {
            match command::program(&What::Words(words), environment) {
                Ok(program) => main_process::run(&program, *conduct, environment, inherited),
                Err(code) => code,
            }
        }
    }
}
