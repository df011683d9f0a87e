//! One service as a process: its descriptors, its variables, its output.

use std::ffi::CString;
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd, RawFd};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use boatyard_init::contract::MAIN;
use boatyard_init::environment::{self, Environment, Identity};
use boatyard_init::exit;
use boatyard_init::launch::What;
use boatyard_init::persona::{Place, Voice};
use boatyard_init::supervise::{Readiness, Spec};

use super::output;
use super::socket::{self, LIFTED};
use crate::pid1::ground::Ground;
use crate::pid1::inlet::Inlet;
use crate::pid1::sys::clock;
use crate::pid1::sys::folder;
use crate::pid1::sys::fork::Setup;
use crate::pid1::sys::pipe;
use crate::pid1::sys::terminal;
use crate::pid1::{command, say, spawn};

/// What belongs to a service, whether it runs or not.
pub struct Child {
    /// Its process, which leads a group.
    pub pid: Option<i32>,
    /// Its output: standard output, standard error.
    pub outputs: Vec<(Inlet, RawFd)>,
    /// Where it says that it is ready, by `sd_notify(3)`.
    pub notify: Option<(UnixDatagram, String)>,
    /// Where it says so by a line.
    pub line: Option<Inlet>,
    /// The probe that asks it now.
    pub probe: Option<i32>,
    sockets: Vec<OwnedFd>,
}

/// Who a user is, and under which name and with which home, where they are known.
fn who(user: &str, environment: &mut Environment) -> Result<Identity, u8> {
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let Some(identity) = environment::identity(&passwd, user) else {
        say::warn(format_args!(
            "there is no user {user:?}: it takes a name of /etc/passwd, UID or UID:GID"
        ));
        return Err(exit::CONFIG);
    };
    if let Some(account) = environment::account(&passwd, identity.uid) {
        environment.set("HOME", account.home);
        environment.set("USER", &account.name);
        environment.set("LOGNAME", account.name);
    }
    Ok(identity)
}

fn cannot(what: &str, name: &str, error: &std::io::Error) -> u8 {
    say::warn(format_args!("cannot {what} for service {name:?}: {error}"));
    exit::SYSTEM
}

impl Child {
    /// Opens what is kept over restarts. What failed has been told.
    pub fn new(spec: &Spec) -> Result<Self, u8> {
        let sockets = spec
            .sockets
            .iter()
            .map(|found| socket::open(found).map_err(|error| cannot("listen", &spec.name, &error)));
        Ok(Self {
            pid: None,
            outputs: Vec::new(),
            notify: None,
            line: None,
            probe: None,
            sockets: sockets.collect::<Result<_, _>>()?,
        })
    }

    /// Starts it. What failed has been told; the error is the exit code.
    pub fn start(
        &mut self,
        spec: &Spec,
        environment: &Environment,
        ground: &Ground,
    ) -> Result<(), u8> {
        let mut environment = environment.clone();
        for (name, value) in &spec.env {
            environment.set(name, value);
        }
        let identity = spec.user.as_deref().map(|user| who(user, &mut environment));
        let identity = identity.transpose()?;
        let folder = spec.cwd.as_deref().map(|path| {
            let path = CString::new(path).map_err(std::io::Error::from);
            path.and_then(|path| folder::open(&path))
                .map_err(|error| cannot("enter the folder", &spec.name, &error))
        });
        let folder = folder.transpose()?;
        let mut ends = Vec::new();
        let piped = |number: RawFd, ends: &mut Vec<(OwnedFd, RawFd)>| {
            let (inlet, end) = Inlet::new()?;
            ends.push((pipe::lifted(&end, LIFTED)?, number));
            Ok::<_, std::io::Error>(inlet)
        };
        let told = |error: std::io::Error| cannot("make a pipe", &spec.name, &error);
        let file = output::open(&spec.output, identity)
            .and_then(|file| file.map(|file| pipe::lifted(&file, LIFTED)).transpose())
            .map_err(|error| cannot("open the log", &spec.name, &error))?;
        if file.is_none() {
            for number in [1, 2] {
                self.outputs
                    .push((piped(number, &mut ends).map_err(told)?, number));
            }
        }
        if let Readiness::Descriptor(number) = spec.ready {
            self.line = Some(piped(number, &mut ends).map_err(told)?);
        }
        if spec.ready == Readiness::Notify {
            // One that is there already stays over restarts.
            let (socket, name) = match self.notify.take() {
                Some(opened) => opened,
                None => notify_socket()
                    .map_err(|error| cannot("open a notification socket", &spec.name, &error))?,
            };
            environment.set("NOTIFY_SOCKET", format!("@{name}"));
            self.notify = Some((socket, name));
        } else {
            environment.unset("NOTIFY_SOCKET");
        }
        if let Some(identity) = identity {
            for (end, _) in &ends {
                pipe::give_to(end, identity);
            }
        }
        let mut streams: Vec<(RawFd, RawFd)> = ends
            .iter()
            .map(|(end, number)| (end.as_raw_fd(), *number))
            .collect();
        if let Some(file) = &file {
            streams.extend([1, 2].map(|number| (file.as_raw_fd(), number)));
        }
        if !self.sockets.is_empty() {
            streams.extend(self.sockets.iter().map(OwnedFd::as_raw_fd).zip(3..));
            environment.set("LISTEN_FDS", self.sockets.len().to_string());
            // That of the child is written in its place after the fork.
            environment.set("LISTEN_PID", ground.pid.to_string());
        }
        // Several would take each other's input, and in the background of a terminal who reads is stopped.
        let reads = spec.name == MAIN && !terminal::is_standard_input();
        let nothing = (!reads)
            .then(|| pipe::lifted(&pipe::empty()?, LIFTED))
            .transpose()
            .map_err(told)?;
        streams.extend(nothing.iter().map(|end| (end.as_raw_fd(), 0)));
        let program = command::program(&What::Command(spec.command.clone()), &environment)?;
        let setup = Setup {
            inherited: ground.inherited,
            clean_signals: false,
            place: Place::Group,
            terminal: None,
            folder: folder.as_ref().map(OwnedFd::as_fd),
            identity,
            streams: &streams,
            passes_sockets: true,
            environment: &environment,
        };
        self.pid = Some(spawn::spawn(&program, &setup, &Voice::Boatyard)?);
        Ok(())
    }

    /// Whether it has said by now that it is ready.
    pub fn says_ready(&mut self) -> bool {
        let mut ready = false;
        let mut buffer = [0; 4096];
        while let Some(count) = self
            .notify
            .as_ref()
            .and_then(|(socket, _)| socket.recv(&mut buffer).ok())
        {
            let text = buffer.get(..count).unwrap_or_default();
            ready |= text
                .split(|&byte| byte == b'\n')
                .any(|line| line == b"READY=1");
        }
        if let Some(inlet) = &mut self.line {
            let (lines, goes_on) = inlet.read();
            ready |= !lines.is_empty();
            if !goes_on {
                self.line = None;
            }
        }
        ready
    }
}

/// A socket with an abstract name, which needs no folder that can be written to. Containers of a pod share these names, and
/// in each of them init is PID 1: the time makes them differ, and one that is taken is not the last try.
fn notify_socket() -> std::io::Result<(UnixDatagram, String)> {
    let mut tries = 0;
    loop {
        let name = format!("boatyard-init/{}", clock::now().as_nanos());
        let opened = SocketAddr::from_abstract_name(&name)
            .and_then(|address| UnixDatagram::bind_addr(&address));
        match opened {
            Ok(socket) => {
                socket.set_nonblocking(true)?;
                return Ok((socket, name));
            }
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && tries < 100 => {
                tries += 1;
            }
            Err(error) => return Err(error),
        }
    }
}
