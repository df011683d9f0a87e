//! What is asked.

use crate::http::{Head, head};
use crate::signal::Signal;

/// What is asked of init.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// What runs, and how far it is.
    Status {
        /// As JSON; else for people.
        as_json: bool,
    },
    /// Whether it is ready, as far as init knows by itself.
    Ready,
    /// Whether init answers.
    Alive,
    /// To do as if this had been received.
    Signal(Signal),
}

impl Request {
    /// A signal that init can do something with: nobody receives KILL and STOP, and CHLD is of children.
    pub fn signal(name: &str) -> Option<Signal> {
        let nobodys = [Signal::KILL, Signal::STOP, Signal::CHLD];
        Signal::parse(name).filter(|signal| !nobodys.contains(signal))
    }

    /// The request as it is sent.
    pub fn text(self) -> String {
        let (method, path) = match self {
            Self::Status { as_json: true } => ("GET", "/status".to_owned()),
            Self::Status { as_json: false } => ("GET", "/status.txt".to_owned()),
            Self::Ready => ("GET", "/ready".to_owned()),
            Self::Alive => ("GET", "/alive".to_owned()),
            Self::Signal(signal) => ("POST", format!("/signal/{}", signal.number())),
        };
        format!(
            "{method} {path} HTTP/1.1\r\nHost: init\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
    }
}

/// What has been understood of the bytes so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The request is not at its end.
    Incomplete,
    /// A request.
    Asked(Request),
    /// Nothing that has an answer but this status.
    Refused(u16),
}

/// Reads a request: bytes that may be anything.
pub fn read(bytes: &[u8]) -> Progress {
    match head(bytes) {
        Head::Incomplete => Progress::Incomplete,
        Head::Wanted("/status") => Progress::Asked(Request::Status { as_json: true }),
        Head::Wanted("/status.txt") => Progress::Asked(Request::Status { as_json: false }),
        Head::Wanted("/ready") => Progress::Asked(Request::Ready),
        Head::Wanted("/alive") => Progress::Asked(Request::Alive),
        Head::Posted(path) => path
            .strip_prefix("/signal/")
            .and_then(Request::signal)
            .map_or(Progress::Refused(404), |signal| {
                Progress::Asked(Request::Signal(signal))
            }),
        Head::Wanted(_) => Progress::Refused(404),
        Head::Refused(status) => Progress::Refused(status),
    }
}
