//! The flags before the verb.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use super::misuse::Misuse;
use super::verb::{self, Verb};
use crate::life::Success;

/// The arguments, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// Forward signals to the group, whatever the contract says.
    pub group: bool,
    /// Time between a stop and KILL, whatever the contract says.
    pub grace: Option<Duration>,
    /// Which ends of the main process count as success.
    pub success: Success,
    /// What to do.
    pub verb: Verb,
}

/// Understands the arguments after the program's name.
pub fn parse(arguments: Vec<OsString>) -> Result<Invocation, Misuse> {
    let mut invocation = Invocation {
        group: false,
        grace: None,
        success: Success::default(),
        verb: Verb::Default,
    };
    let mut rest = arguments.into_iter();
    while let Some(word) = rest.next() {
        match word.to_str() {
            Some("-g" | "--group") => invocation.group = true,
            Some("--grace") => invocation.grace = Some(seconds(rest.next())?),
            Some("-e") => invocation.success.codes.push(code(rest.next())?),
            Some("--stop-ok") => invocation.success.stopped = true,
            Some("-V" | "--version") => {
                invocation.verb = Verb::Version;
                return Ok(invocation);
            }
            Some("-h" | "--help") => {
                invocation.verb = Verb::Help;
                return Ok(invocation);
            }
            Some("--") => {
                invocation.verb = Verb::Exec {
                    words: verb::command("--", rest.collect())?,
                };
                return Ok(invocation);
            }
            Some(flag) if flag.starts_with('-') => return Err(Misuse::UnknownFlag { flag: word }),
            _ => {
                invocation.verb = verb::parse(word, rest.collect())?;
                return Ok(invocation);
            }
        }
    }
    Ok(invocation)
}

fn seconds(word: Option<OsString>) -> Result<Duration, Misuse> {
    word.as_deref()
        .and_then(OsStr::to_str)
        .and_then(|text| text.parse().ok())
        .map(Duration::from_secs)
        .ok_or(Misuse::Grace { found: word })
}

fn code(word: Option<OsString>) -> Result<u8, Misuse> {
    word.as_deref()
        .and_then(OsStr::to_str)
        .and_then(|text| text.parse().ok())
        .ok_or(Misuse::Code { found: word })
}
