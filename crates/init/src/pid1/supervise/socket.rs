//! Sockets that services get: opened once, kept over restarts, so that nobody is turned away meanwhile.

use std::io;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;

use boatyard_init::supervise::Socket;

use crate::pid1::sys::pipe;

/// Where descriptors wait that a child gets under another number.
pub const LIFTED: i32 = 64;

/// Listens; the descriptor is out of the way of those that children get.
pub fn open(socket: &Socket) -> io::Result<OwnedFd> {
    let listener: OwnedFd = match socket {
        Socket::Tcp(address) => TcpListener::bind(address)?.into(),
        Socket::Unix(path) => {
            // What a container that was killed left there keeps nobody listening.
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => UnixListener::bind(path)?.into(),
            }
        }
    };
    pipe::lifted(&listener, LIFTED)
}
