//! The names.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use super::request::Request;
use super::{catatonit, dumb_init, tini};

/// A program that init can stand in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persona {
    /// krallin/tini, which Docker installs as docker-init.
    Tini,
    /// Yelp/dumb-init.
    DumbInit,
    /// openSUSE/catatonit, which Podman uses for `--init`.
    Catatonit,
    /// aptible/supercronic.
    Supercronic,
}

impl Persona {
    /// The persona of a program name (`argv[0]`), of which only the file name counts; none for init itself.
    pub fn of(name: &OsStr) -> Option<Self> {
        let file = name.as_bytes().rsplit(|&byte| byte == b'/').next()?;
        match file {
            b"tini" | b"tini-static" | b"docker-init" => Some(Self::Tini),
            b"dumb-init" => Some(Self::DumbInit),
            b"catatonit" | b"podman-init" => Some(Self::Catatonit),
            b"supercronic" => Some(Self::Supercronic),
            _ => None,
        }
    }

    /// What is asked for. `words` are all of the command line; `variable` is the environment; `pid` is init's own.
    pub fn request(
        self,
        words: Vec<OsString>,
        variable: impl Fn(&str) -> Option<OsString>,
        pid: i32,
    ) -> Request {
        match self {
            Self::Tini => tini::request(words, variable, pid),
            Self::DumbInit => dumb_init::request(words, variable),
            Self::Catatonit => catatonit::request(words, pid),
            Self::Supercronic => Request::Cron {
                words: words.into_iter().skip(1).collect(),
            },
        }
    }
}
