//! Init started once more, as a child, for work that a PID 1 has no time for.

use std::ffi::{CString, OsString};
use std::os::fd::{BorrowedFd, RawFd};
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use boatyard_init::contract;
use boatyard_init::environment::Environment;
use boatyard_init::persona::{Place, Voice};

use super::command::Program;
use super::ground::Ground;
use super::spawn;
use super::sys::fork::Setup;

/// How to start ourselves.
pub struct Sibling<'a> {
    /// For the signal state that children get.
    pub ground: &'a Ground,
}

/// Our own file: as the kernel knows it, else where the builder puts it.
pub fn ourselves() -> PathBuf {
    std::fs::read_link("/proc/self/exe").unwrap_or_else(|_| contract::BINARY.into())
}

impl Sibling<'_> {
    /// Starts ourselves with these words, in a group of its own. None if that failed, which has been told.
    pub fn start(
        &self,
        words: &[&str],
        environment: &Environment,
        folder: Option<BorrowedFd<'_>>,
        streams: &[(RawFd, RawFd)],
    ) -> Option<i32> {
        let file = ourselves();
        let words: Vec<CString> = [OsString::from("boatyard-init")]
            .into_iter()
            .chain(words.iter().map(OsString::from))
            .map(|word| CString::new(word.into_vec()))
            .collect::<Result<_, _>>()
            .ok()?;
        let program = Program {
            paths: vec![CString::new(file.into_os_string().into_vec()).ok()?],
            words,
        };
        let setup = Setup {
            identity: None,
            inherited: self.ground.inherited,
            clean_signals: false,
            place: Place::Group,
            terminal: None,
            folder,
            streams,
            passes_sockets: false,
            environment,
        };
        spawn::spawn(&program, &setup, &Voice::Boatyard).ok()
    }
}
