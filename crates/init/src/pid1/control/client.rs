//! The side of those who ask.

use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use boatyard_init::control::Request;
use boatyard_init::environment::Environment;
use boatyard_init::exit;
use boatyard_init::signal::Signal;

use super::place;
use crate::pid1::sys::peer::Peer;
use crate::pid1::sys::process;
use crate::pid1::{own_folder, say};

/// How long one step of a conversation may take: init answers at once.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest answer that is read.
const LONGEST: u64 = 1 << 20;

/// Prints what runs; returns the exit code.
pub fn status(environment: &Environment, as_json: bool) -> Result<u8, u8> {
    match ask(environment, &Request::Status { as_json })? {
        Some((200, body)) => Ok(u8::from(!say::answer(&body))),
        Some((code, _)) => Err(refused(code)),
        None => Err(nobody()),
    }
}

/// Has init take a signal for received.
pub fn signal(environment: &Environment, signal: Signal) -> Result<u8, u8> {
    match ask(environment, &Request::Signal(signal))? {
        Some((200, _)) => Ok(0),
        Some((code, _)) => Err(refused(code)),
        None => Err(nobody()),
    }
}

/// Whether init objects to the role being called ready. Where there is no init to ask, nobody does.
pub fn ready(environment: &Environment) -> Result<(), u8> {
    match ask(environment, &Request::Ready)? {
        Some((503, _)) => {
            say::warn("the role is not ready: it starts, or is being stopped");
            Err(exit::UNAVAILABLE)
        }
        _ => Ok(()),
    }
}

/// Whether init answers, if there is one.
pub fn alive(environment: &Environment) -> Result<(), u8> {
    ask(environment, &Request::Alive).map(drop)
}

pub(super) fn nobody() -> u8 {
    say::warn(
        "no role runs here that can be asked: it has to be started by boatyard-init, by this user, where a folder can be written",
    );
    exit::UNAVAILABLE
}

pub(super) fn refused(code: u16) -> u8 {
    say::warn(format_args!("init refuses: status {code}"));
    exit::UNAVAILABLE
}

/// The status and the body of init's answer; none if nobody listens. One who listens and does not answer has been told of; the
/// error is the exit code.
pub(super) fn ask(
    environment: &Environment,
    request: &Request,
) -> Result<Option<(u16, String)>, u8> {
    let mut answer = ask_once(environment, request);
    // Init ended just then, or had too many who ask: whoever is there now tells.
    if let Err(error) = &answer
        && [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset].contains(&error.kind())
    {
        answer = ask_once(environment, request);
    }
    answer.map_err(|error| {
        say::warn(format_args!("init does not answer: {error}"));
        exit::UNAVAILABLE
    })
}

fn ask_once(environment: &Environment, request: &Request) -> io::Result<Option<(u16, String)>> {
    if let Some(stream) = sockets(environment).find_map(|path| connect(&path)) {
        return talk(stream, request).map(Some);
    }
    match place::port(environment).map(|at| TcpStream::connect_timeout(&at, PATIENCE)) {
        Some(Ok(stream)) => {
            stream.set_read_timeout(Some(PATIENCE))?;
            talk(stream, request).map(Some)
        }
        _ => Ok(None),
    }
}

/// Where the socket may be: in our folders; for root, in those of anybody.
fn sockets(environment: &Environment) -> impl Iterator<Item = PathBuf> {
    let uid = process::user();
    own_folder::shared(environment)
        .flat_map(move |shared| {
            let mut folders = vec![shared.join(format!("{}{uid}", own_folder::NAME))];
            if uid == 0
                && let Ok(entries) = fs::read_dir(&shared)
            {
                let names = entries.filter_map(|entry| Some(entry.ok()?.path()));
                folders.extend(names.filter(|path| {
                    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
                    name.starts_with(own_folder::NAME.as_bytes())
                }));
            }
            folders
        })
        .map(|folder| folder.join(place::NAME))
}

/// Connects to an init of this container: one that acts as we do or as root (root asks any), and has our mounts, where the
/// kernel tells, since containers of a pod may share a folder and their processes.
fn connect(path: &Path) -> Option<UnixStream> {
    let stream = UnixStream::connect(path).ok()?;
    let peer = Peer::of(stream.as_fd())?;
    let is_trusted = [process::user(), 0].contains(&peer.uid) || process::user() == 0;
    if !is_trusted || peer.pid <= 0 {
        return None;
    }
    let mounts = |pid: &str| fs::read_link(format!("/proc/{pid}/ns/mnt")).ok();
    if let (Some(theirs), Some(ours)) = (mounts(&peer.pid.to_string()), mounts("self"))
        && theirs != ours
    {
        return None;
    }
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    Some(stream)
}

fn talk(mut stream: impl Read + Write, request: &Request) -> io::Result<(u16, String)> {
    stream.write_all(request.text().as_bytes())?;
    let mut answer = String::new();
    stream.take(LONGEST).read_to_string(&mut answer)?;
    let status = answer
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3)?.parse().ok());
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body);
    match (status, body) {
        (Some(status), Some(body)) => Ok((status, body.to_owned())),
        _ => Err(io::Error::new(
            ErrorKind::InvalidData,
            "the answer is not HTTP",
        )),
    }
}
