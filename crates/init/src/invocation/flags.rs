//! The flags before the verb.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use super::misuse::Misuse;
use super::verb::{self, Verb};
use crate::contract::Target;
use crate::life::{Rewrite, Success};
use crate::signal::Signal;

/// The arguments, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// Who gets forwarded signals, whatever the contract says.
    pub target: Option<Target>,
    /// Signals that are forwarded as others, or not at all.
    pub rewrites: Vec<Rewrite>,
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
        target: None,
        rewrites: Vec::new(),
        grace: None,
        success: Success::default(),
        verb: Verb::Default,
    };
    let mut rest = arguments.into_iter();
    while let Some(word) = rest.next() {
        match word.to_str() {
            Some("-g" | "--group") => {
                invocation.target = Some(Target::Group);
            }
            Some("--target") => invocation.target = Some(target(rest.next())?),
            Some("-r" | "--rewrite") => invocation.rewrites.push(rewrite(rest.next())?),
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

fn target(word: Option<OsString>) -> Result<Target, Misuse> {
    match word.as_deref().and_then(OsStr::to_str) {
        Some("main") => Ok(Target::Main),
        Some("group") => Ok(Target::Group),
        Some("all") => Ok(Target::All),
        _ => Err(Misuse::Target { found: word }),
    }
}

/// `FROM:TO`, names or numbers; 0 drops the signal.
fn rewrite(word: Option<OsString>) -> Result<Rewrite, Misuse> {
    let understood = || {
        let (from, to) = word.as_deref()?.to_str()?.split_once(':')?;
        let to = if to == "0" {
            None
        } else {
            Some(Signal::parse(to)?)
        };
        let from = Signal::parse(from)?;
        Some(Rewrite { from, to })
    };
    understood().ok_or(Misuse::Rewrite { found: word })
}
