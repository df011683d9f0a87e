//! The flags before the verb.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use super::misuse::Misuse;
use super::verb::{self, Verb};
use crate::contract::Target;
use crate::life::{Rewrite, Success};
use crate::log::Format;
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
    /// How the lines of the main process are written; none: it writes itself.
    pub log: Option<Format>,
    /// Where probes are answered.
    pub probes: Option<String>,
    /// How long those who probe wait.
    pub probe_timeout: Option<Duration>,
    /// Where init listens for syslog: a path or `off`.
    pub syslog: Option<String>,
    /// Which inherited descriptors beyond standard error are kept; none: all.
    pub keeps: Option<Vec<i32>>,
    /// Whether hooks behave as powershift's do, messages included.
    pub is_compatible: bool,
    /// Whether what is run gets the environment of the role that runs already.
    pub from_app: bool,
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
        log: None,
        probes: None,
        probe_timeout: None,
        syslog: None,
        keeps: None,
        is_compatible: false,
        from_app: false,
        verb: Verb::Default,
    };
    let mut rest = arguments.into_iter();
    while let Some(word) = rest.next() {
        match word.to_str() {
            Some("-g" | "--group") => {
                invocation.target = Some(Target::Group);
            }
            Some("--target") => {
                let takes = "main, group or all";
                invocation.target = Some(value("--target", takes, rest.next(), target)?);
            }
            Some("-r" | "--rewrite") => {
                let takes = "two signals as FROM:TO, where TO may be 0 for none";
                let rewrite = value("-r", takes, rest.next(), rewrite)?;
                invocation.rewrites.push(rewrite);
            }
            Some("--grace") => invocation.grace = Some(seconds("--grace", rest.next())?),
            Some("-e") => {
                let takes = "an exit code from 0 to 255";
                let code = value("-e", takes, rest.next(), |text| text.parse().ok())?;
                invocation.success.codes.push(code);
            }
            Some("--compat") => {
                let is_it = |text: &str| (text == "powershift").then_some(());
                value("--compat", "powershift", rest.next(), is_it)?;
                invocation.is_compatible = true;
            }
            Some("--compat=powershift") => invocation.is_compatible = true,
            Some("--log") => {
                let form = value("--log", "raw, prefix or json", rest.next(), Format::parse)?;
                invocation.log = Some(form);
            }
            Some("--probes") => {
                let takes = "HOST:PORT, :PORT or the path of a socket";
                let address = value("--probes", takes, rest.next(), |text| Some(text.to_owned()))?;
                invocation.probes = Some(address);
            }
            Some("--probe-timeout") => {
                invocation.probe_timeout = Some(seconds("--probe-timeout", rest.next())?);
            }
            Some("--after-start" | "--dump-environment" | "--ask" | "--lock-descriptor") => {
                invocation.verb = of_ourselves(&word, rest.next())?;
                return Ok(invocation);
            }
            Some("--syslog") => {
                let is_it = |text: &str| text == "off" || text.starts_with('/');
                let takes = "an absolute path or off";
                let place = value("--syslog", takes, rest.next(), |text| {
                    is_it(text).then(|| text.to_owned())
                })?;
                invocation.syslog = Some(place);
            }
            Some("--keep-fds") => {
                let takes = "numbers of descriptors as 3,7, or none";
                invocation.keeps = Some(value("--keep-fds", takes, rest.next(), descriptors)?);
            }
            Some("--from-app") => invocation.from_app = true,
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
            _ => return verbal(invocation, word, rest.collect()),
        }
    }
    if invocation.from_app {
        return Err(Misuse::Alone { flag: "--from-app" });
    }
    Ok(invocation)
}

/// A word that is no flag is the verb, and the rest belongs to it.
fn verbal(
    mut invocation: Invocation,
    word: OsString,
    mut rest: Vec<OsString>,
) -> Result<Invocation, Misuse> {
    let takes_it = ["exec", "shell", "job", "jobs"]
        .iter()
        .any(|verb| word == *verb);
    if takes_it && rest.first().is_some_and(|first| first == "--from-app") {
        invocation.from_app = true;
        rest.remove(0);
    }
    invocation.verb = verb::parse(word, rest)?;
    if invocation.from_app && invocation.verb.is_start() {
        return Err(Misuse::Alone { flag: "--from-app" });
    }
    Ok(invocation)
}

/// What init starts itself with as a child.
fn of_ourselves(flag: &OsStr, word: Option<OsString>) -> Result<Verb, Misuse> {
    let descriptor =
        |flag: &'static str, word| value(flag, "a descriptor", word, |text| text.parse().ok());
    Ok(match flag.to_str() {
        // What the shell becomes that has sourced a script.
        Some("--dump-environment") => Verb::DumpEnvironment {
            to: descriptor("--dump-environment", word)?,
        },
        // Waits for a lock that the caller shares.
        Some("--lock-descriptor") => Verb::Lock {
            of: descriptor("--lock-descriptor", word)?,
        },
        // Asks a service once whether it is ready.
        Some("--ask") => Verb::Ask {
            how: value("--ask", "a way to ask", word, |text| Some(text.to_owned()))?,
        },
        // What is done beside the main process when it is ready.
        _ => Verb::AfterStart,
    })
}

/// The value of a flag, if `understand` can make something of it.
pub(super) fn value<T>(
    flag: &'static str,
    takes: &'static str,
    word: Option<OsString>,
    understand: impl Fn(&str) -> Option<T>,
) -> Result<T, Misuse> {
    let understood = word.as_deref().and_then(OsStr::to_str).and_then(understand);
    understood.ok_or(Misuse::Value {
        flag,
        takes,
        found: word,
    })
}

/// A whole number of seconds after a flag.
pub(super) fn seconds(flag: &'static str, word: Option<OsString>) -> Result<Duration, Misuse> {
    value(flag, "a whole number of seconds", word, |text| {
        text.parse().ok().map(Duration::from_secs)
    })
}

/// `3,7` or `none`.
fn descriptors(text: &str) -> Option<Vec<i32>> {
    if text == "none" {
        return Some(Vec::new());
    }
    let number = |word: &str| word.parse().ok().filter(|&fd: &i32| fd > 2);
    text.split(',').map(number).collect()
}

fn target(text: &str) -> Option<Target> {
    match text {
        "main" => Some(Target::Main),
        "group" => Some(Target::Group),
        "all" => Some(Target::All),
        _ => None,
    }
}

/// `FROM:TO`, names or numbers; 0 drops the signal.
fn rewrite(text: &str) -> Option<Rewrite> {
    let (from, to) = text.split_once(':')?;
    let to = match to {
        "0" => None,
        to => Some(Signal::parse(to)?),
    };
    let from = Signal::parse(from)?;
    Some(Rewrite { from, to })
}
