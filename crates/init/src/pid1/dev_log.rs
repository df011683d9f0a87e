//! `/dev/log`: what programs say to syslog(3), on our standard output. Senders wait when nobody reads, so that init always
//! reads, and drops what cannot be written.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::fd::{AsRawFd as _, RawFd};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

use boatyard_init::log::syslog::{lines, message};
use boatyard_init::log::{Format, Origin};

use super::outlet::Outlet;
use super::say;
use super::sys::poll::{self, For};

/// Where programs look for it.
const USUAL: &str = "/dev/log";

/// The longest datagram; RFC 5424 asks for 2 KiB, glibc sends no more than 8.
const LONGEST: usize = 8 * 1024;

/// How many are read at once, so that a storm does not keep init from its signals.
const TURN: usize = 256;

/// What is wanted of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    /// Nothing.
    #[default]
    Off,
    /// At the usual place, if it is free, can be made, and is this container's own. Nothing is said if not.
    IfPossible,
    /// At this path.
    At(PathBuf),
}

impl Wish {
    /// What a flag or a variable says: a path or `off`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "off" => Some(Self::Off),
            path => path.starts_with('/').then(|| Self::At(PathBuf::from(path))),
        }
    }
}

/// The socket, for as long as the value lives.
pub struct DevLog {
    socket: UnixDatagram,
    path: PathBuf,
    format: Format,
    role: String,
    host: Vec<u8>,
    dropped: u64,
}

impl DevLog {
    /// Listens as wished. Where that cannot be, it is told if it was asked for, and all goes on without.
    pub fn open(wish: &Wish, format: Format, role: &str, is_first: bool) -> Option<Self> {
        let path = match wish {
            Wish::IfPossible if is_first && is_free(Path::new(USUAL)) && is_own() => {
                PathBuf::from(USUAL)
            }
            Wish::Off | Wish::IfPossible => return None,
            Wish::At(path) => path.clone(),
        };
        let socket = listen(&path).map_err(|error| {
            if *wish != Wish::IfPossible {
                let path = path.display();
                say::warn(format_args!("cannot listen for syslog at {path}: {error}"));
            }
        });
        let host = fs::read("/proc/sys/kernel/hostname").unwrap_or_default();
        Some(Self {
            socket: socket.ok()?,
            path,
            format,
            role: role.to_owned(),
            host: host.trim_ascii().to_vec(),
            dropped: 0,
        })
    }

    /// To wait for.
    pub fn fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    /// Reads what is there, at most one turn, and writes it there.
    pub fn flow(&mut self, outlet: &mut Outlet) {
        let ready = poll::wait(&[(self.fd(), For::Reading)], Some(Duration::ZERO));
        if ready.is_ok_and(|ready| ready == [true]) {
            self.read(outlet);
        }
        if self.dropped > 0 && !outlet.is_full() {
            say::warn(format_args!(
                "nobody read: {} messages of syslog are lost",
                self.dropped
            ));
            self.dropped = 0;
        }
    }

    fn read(&mut self, outlet: &mut Outlet) {
        let mut buffer = [0; LONGEST];
        let time = match self.format {
            Format::Json => jiff::Timestamp::now().to_string(),
            _ => String::new(),
        };
        for _ in 0..TURN {
            let Ok(count) = self.socket.recv(&mut buffer) else {
                break;
            };
            if outlet.is_full() {
                self.dropped += 1;
                continue;
            }
            let origin = Origin {
                role: &self.role,
                stream: "syslog",
                time: &time,
            };
            let datagram = buffer.get(..count).unwrap_or_default();
            outlet.push(&lines(self.format, origin, &message(datagram, &self.host)));
        }
    }
}

impl Drop for DevLog {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether nothing is there: a socket that somebody mounted is the machine's, and stays.
fn is_free(path: &Path) -> bool {
    fs::symlink_metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

/// Whether `/dev` is a file system of this container. That of the machine (`devtmpfs`) is for the machine's own syslog.
fn is_own() -> bool {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    // "ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAGS] - TYPE SOURCE OPTIONS", proc(5). The last one covers the others.
    let dev = mounts
        .lines()
        .rfind(|line| line.split(' ').nth(4) == Some("/dev"));
    dev.and_then(|line| line.split_once(" - "))
        .is_some_and(|(_, rest)| rest.starts_with("tmpfs "))
}

fn listen(path: &Path) -> io::Result<UnixDatagram> {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
    if is_socket {
        let probe = UnixDatagram::unbound()?;
        match probe.connect(path) {
            Ok(()) => {
                return Err(io::Error::new(
                    ErrorKind::AddrInUse,
                    "somebody listens there",
                ));
            }
            // What an init before us left.
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path)?,
            Err(error) => return Err(error),
        }
    }
    let socket = UnixDatagram::bind(path)?;
    socket.set_nonblocking(true)?;
    // Whoever the application becomes may write to it.
    fs::set_permissions(path, fs::Permissions::from_mode(0o666))?;
    Ok(socket)
}
