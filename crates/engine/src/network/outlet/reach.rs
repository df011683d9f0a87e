//! What is reached through a way out.

use std::net::{SocketAddr, SocketAddrV4};
use std::path::PathBuf;

use super::names::{self, DOMAIN, NAMES};
use super::only::Only;
use super::refusal::Refusal;

/// What is reached.
pub(super) enum Reach {
    /// Whatever this machine reaches, but its loopback. Its name servers are in that file.
    Machine(PathBuf),
    /// Some hosts.
    Only(Box<Only>),
}

/// What becomes of a datagram.
pub(super) enum Fate {
    /// It goes there.
    Goes(SocketAddr),
    /// This is the answer to it.
    Answered(Vec<u8>),
    /// It is lost.
    Nowhere,
}

impl Reach {
    /// Where a connection goes, and the only host that it may be meant for; `None`: nowhere.
    pub(super) fn connection(&mut self, to: SocketAddrV4) -> Option<(SocketAddr, Option<String>)> {
        match self {
            Self::Machine(_) => self.anywhere(to).map(|to| (to, None)),
            Self::Only(only) => only.connection(to),
        }
    }

    /// Tells that a connection was meant for another host than the one that was called.
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        if let Self::Only(only) = self {
            only.refuse(refusal);
        }
    }

    /// What becomes of a datagram.
    pub(super) fn datagram(&mut self, to: SocketAddrV4, payload: &[u8]) -> Fate {
        match self {
            Self::Machine(_) => self.anywhere(to).map_or(Fate::Nowhere, Fate::Goes),
            Self::Only(only) if *to.ip() == NAMES && to.port() == DOMAIN => {
                only.answer(payload).map_or(Fate::Nowhere, Fate::Answered)
            }
            Self::Only(only) => {
                only.datagram(to);
                Fate::Nowhere
            }
        }
    }

    /// Where packets to an address go, with the name server that this machine has now.
    fn anywhere(&self, to: SocketAddrV4) -> Option<SocketAddr> {
        let Self::Machine(resolver) = self else {
            return None;
        };
        let text = || std::fs::read_to_string(resolver).unwrap_or_default();
        names::destination(to, text)
    }
}
