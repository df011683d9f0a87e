//! What is asked.

use crate::http::{Head, head};
use crate::signal::Signal;

/// What is asked of init.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// To end the service of this name and start it again; never empty.
    Restart(String),
}

impl Request {
    /// A signal that init can do something with: nobody receives KILL and STOP, and CHLD is of children.
    pub fn signal(name: &str) -> Option<Signal> {
        let nobodys = [Signal::KILL, Signal::STOP, Signal::CHLD];
        Signal::parse(name).filter(|signal| !nobodys.contains(signal))
    }

    /// The request as it is sent.
    pub fn text(&self) -> String {
        let (method, path) = match self {
            Self::Status { as_json: true } => ("GET", "/status".to_owned()),
            Self::Status { as_json: false } => ("GET", "/status.txt".to_owned()),
            Self::Ready => ("GET", "/ready".to_owned()),
            Self::Alive => ("GET", "/alive".to_owned()),
            Self::Signal(signal) => ("POST", format!("/signal/{}", signal.number())),
            Self::Restart(name) => ("POST", format!("/restart/{}", encoded(name))),
        };
        format!(
            "{method} {path} HTTP/1.1\r\nHost: init\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
    }
}

/// What has been understood of the bytes so far.
#[derive(Clone, Debug, PartialEq, Eq)]
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
        Head::Posted(path) => posted(path).map_or(Progress::Refused(404), Progress::Asked),
        Head::Wanted(_) => Progress::Refused(404),
        Head::Refused(status) => Progress::Refused(status),
    }
}

/// What a path tells to do.
fn posted(path: &str) -> Option<Request> {
    if let Some(name) = path.strip_prefix("/restart/") {
        return decoded(name).map(Request::Restart);
    }
    let signal = Request::signal(path.strip_prefix("/signal/")?)?;
    Some(Request::Signal(signal))
}

/// A name as part of a path (RFC 3986, section 2.1).
fn encoded(name: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    name.bytes().map(byte).collect()
}

/// The name that is written so; none if there is none.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            u8::try_from(digit()? * 16 + digit()?).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(bytes)
        .ok()
        .filter(|name| !name.is_empty())
}
