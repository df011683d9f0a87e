//! Asking a role as its contract says.

use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::ffi::OsStringExt as _;
use std::time::Duration;

use boatyard_init::contract::{Command, Contract};
use boatyard_init::environment::Environment;
use boatyard_init::exit;
use boatyard_init::invocation::{self, Verb};
use boatyard_init::launch::What;
use boatyard_init::persona::Place;
use boatyard_init::probe::Target;
use boatyard_init::supervise::Readiness;

use super::errand::{self, Errand};
use super::ground::Ground;
use super::{command, image, say};

/// How long one step of a conversation may take; whoever asks has a limit of its own, and a shorter one.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// The part of a response that tells its status.
const STATUS_BYTES: usize = 12;

/// Asks the role that runs here, if its contract says how. Nothing to ask is an answer too: nobody objects. What is wrong
/// has been told; the error is the exit code.
pub fn ask(ground: &Ground, environment: &Environment) -> Result<(), u8> {
    let Some(contract) = image::contract()? else {
        return Ok(());
    };
    let name = image::role(environment)
        .filter(|role| !role.is_empty())
        .or_else(role_of_init)
        .or_else(|| contract.default_role.clone());
    let Some((name, text, port)) = name.and_then(|name| probe_of(&contract, name)) else {
        return Ok(());
    };
    let target = Target::parse(&text, port).map_err(|unclear| {
        say::warn(format_args!("cannot ask the role {name:?}: {unclear}"));
        exit::CONFIG
    })?;
    let problem = match target {
        Target::Tcp { address } => connect(address, PATIENCE).map(drop).err(),
        Target::Http { address, path } => get(address, &address.to_string(), &path, PATIENCE).err(),
        Target::Command(line) => {
            let program = command::program(&What::Command(Command::Line(line)), environment)?;
            let mut errand = Errand::new(&program, environment);
            if ground.pid != 1 {
                errand.place = Place::Same;
            }
            return match errand::run(ground, &errand)?.ending.code() {
                0 => Ok(()),
                code => Err(code),
            };
        }
    };
    match problem {
        None => Ok(()),
        Some(problem) => {
            say::warn(format_args!("the role {name:?} is not ready: {problem}"));
            Err(exit::UNAVAILABLE)
        }
    }
}

fn probe_of(contract: &Contract, name: String) -> Option<(String, String, Option<u16>)> {
    let role = contract.roles.get(&name)?;
    // Of several services init knows that by itself, and what only their command can tell cannot be asked.
    let ready = Readiness::parse(role.ready.as_deref()?, role.port);
    let can_be_asked = matches!(
        ready,
        Some(Readiness::Tcp(_) | Readiness::Http { .. } | Readiness::Command(_))
    );
    if role.supervise.is_some() && !can_be_asked {
        return None;
    }
    Some((name, role.ready.clone()?, role.port))
}

/// The role that PID 1 was told to start, if PID 1 is an init like us.
fn role_of_init() -> Option<String> {
    let words = std::fs::read("/proc/1/cmdline").ok()?;
    let mut words = words.split(|&byte| byte == 0).map(<[u8]>::to_vec);
    let program = words.next()?;
    program.ends_with(b"boatyard-init").then_some(())?;
    let words = words
        .map(OsString::from_vec)
        .filter(|word| !word.is_empty());
    match invocation::parse(words.collect()).ok()?.verb {
        Verb::Start { role } => role,
        _ => None,
    }
}

/// A connection, of which each step may take so long.
pub(super) fn connect(address: SocketAddr, patience: Duration) -> Result<TcpStream, String> {
    let told = |error: std::io::Error| format!("{address}: {error}");
    let stream = TcpStream::connect_timeout(&address, patience).map_err(told)?;
    stream.set_read_timeout(Some(patience)).map_err(told)?;
    stream.set_write_timeout(Some(patience)).map_err(told)?;
    Ok(stream)
}

/// A GET that is answered well; `host` is what the server is called.
pub(super) fn get(
    address: SocketAddr,
    host: &str,
    path: &str,
    patience: Duration,
) -> Result<(), String> {
    let told = |error: std::io::Error| format!("http://{address}{path}: {error}");
    let mut stream = connect(address, patience)?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: boatyard-init\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).map_err(told)?;
    let mut start = [0; STATUS_BYTES];
    stream.read_exact(&mut start).map_err(told)?;
    let text = String::from_utf8_lossy(&start);
    let status: Option<u16> = text
        .strip_prefix("HTTP/1.")
        .and_then(|rest| rest.get(2..5)?.parse().ok());
    match status {
        Some(200..=399) => Ok(()),
        Some(status) => Err(format!("http://{address}{path}: status {status}")),
        None => Err(format!("http://{address}{path}: the answer is not HTTP")),
    }
}
