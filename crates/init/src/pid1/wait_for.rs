//! Waiting for what a command needs.

use std::ffi::CString;
use std::net::SocketAddr;
use std::os::unix::ffi::OsStrExt as _;
use std::thread;
use std::time::{Duration, Instant};

use boatyard_init::environment::Environment;
use boatyard_init::exit;
use boatyard_init::invocation::WaitFor;
use boatyard_init::probe::{Host, Server, Wanted};

use super::command::Program;
use super::errand::{self, Errand};
use super::ground::Ground;
use super::lookup::{self, left};
use super::role_probe::{connect, get};
use super::{say, sibling};

/// How long after one question the next is asked.
const PAUSE: Duration = Duration::from_millis(200);

/// How long one connection may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Waits in a process of its own, since we have signals to hear and orphans to reap. What failed has been told; the error is
/// the exit code.
pub fn in_child(ground: &Ground, environment: &Environment, wait: &WaitFor) -> Result<(), u8> {
    let timeout = format!("{}ms", wait.timeout.as_millis());
    let words = ["boatyard-init", "wait-for", "--timeout", &timeout];
    let texts = wait.dependencies.iter().map(|dependency| &*dependency.text);
    let words = words.into_iter().chain(texts).map(CString::new);
    let file = CString::new(sibling::ourselves().as_os_str().as_bytes());
    let (Ok(words), Ok(file)) = (words.collect(), file) else {
        return Err(exit::USAGE);
    };
    let program = Program {
        paths: vec![file],
        words,
    };
    match errand::run(ground, &Errand::new(&program, environment))?
        .ending
        .code()
    {
        0 => Ok(()),
        code => Err(code),
    }
}

/// Waits until all is there, or the time is over; returns the exit code.
pub fn until_there(wait: &WaitFor) -> u8 {
    let end = Instant::now() + wait.timeout;
    for dependency in &wait.dependencies {
        let text = &dependency.text;
        let mut is_told = false;
        while let Err(problem) = check(&dependency.kind, end) {
            if left(end).is_err() {
                let secs = wait.timeout.as_secs_f32();
                say::warn(format_args!(
                    "{text} is not there after {secs} s: {problem}"
                ));
                return exit::TIMEOUT;
            }
            if !is_told {
                say::warn(format_args!("waiting for {text}: {problem}"));
                is_told = true;
            }
            thread::sleep(left(end).unwrap_or_default().min(PAUSE));
        }
    }
    0
}

fn check(wanted: &Wanted, end: Instant) -> Result<(), String> {
    match wanted {
        Wanted::File(path) if path.exists() => Ok(()),
        Wanted::File(_) => Err("there is no such file".to_owned()),
        Wanted::Tcp { server } => any(server, end, |address, limit| {
            connect(address, limit).map(drop)
        }),
        Wanted::Http { server, path } => {
            let host = server.to_string();
            any(server, end, |address, limit| {
                get(address, &host, path, limit)
            })
        }
    }
}

/// Tries the addresses of a server until one is as it should be; the error is that of the last.
fn any(
    server: &Server,
    end: Instant,
    is_there: impl Fn(SocketAddr, Duration) -> Result<(), String>,
) -> Result<(), String> {
    // A time of zero is for one look.
    let end = end.max(Instant::now() + PAUSE);
    let addresses = match &server.host {
        Host::Address(address) => vec![*address],
        Host::Name(name) => lookup::addresses(name, end)?,
    };
    let mut last = Err(String::new());
    for address in addresses {
        let limit = left(end).unwrap_or(PAUSE).min(PATIENCE);
        last = is_there(SocketAddr::new(address, server.port), limit);
        if last.is_ok() {
            break;
        }
    }
    last
}
