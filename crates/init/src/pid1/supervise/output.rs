//! Files that services write to by themselves.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt as _;

use boatyard_init::environment::Identity;
use boatyard_init::supervise::Output;

use crate::pid1::sys::pipe;

/// Opens where a service writes to; none: it gets pipes of ours. A file that is made for it is its user's; one that is there
/// keeps its owner.
pub fn open(output: &Output, identity: Option<Identity>) -> io::Result<Option<OwnedFd>> {
    let path = match output {
        Output::Ours => return Ok(None),
        Output::Nowhere => return append(0).open("/dev/null").map(|file| Some(file.into())),
        Output::File(path) => path,
    };
    // Who runs as somebody else could have put a link in the place of its file: init would open what that leads to as root.
    let follow = if identity.is_some() {
        libc::O_NOFOLLOW
    } else {
        0
    };
    match append(follow).create_new(true).open(path) {
        Ok(file) => {
            let file = OwnedFd::from(file);
            if let Some(identity) = identity {
                pipe::give_to(&file, identity);
            }
            Ok(Some(file))
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let file: File = append(follow).open(path)?;
            let file = OwnedFd::from(file);
            pipe::may_wait(&file)?;
            Ok(Some(file))
        }
        Err(error) => Err(error),
    }
}

/// A named pipe without a reader is an error then, instead of keeping init waiting.
fn append(follow: libc::c_int) -> OpenOptions {
    let mut options = OpenOptions::new();
    options
        .append(true)
        .mode(0o644)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY | follow);
    options
}
