//! How `boatyard-init` was called: its arguments as data.
//!
//! ```text
//! boatyard-init [-g] [--grace SECS] start [ROLE] | job NAME | roles | shell | exec -- CMD... | CMD...
//! ```

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::time::Duration;

use crate::life::Success;

/// The text of `--help`.
pub const HELP: &str = "\
usage: boatyard-init [FLAGS] start [ROLE]     run a role: the one named, else $ROLE, else the default
       boatyard-init [FLAGS] job NAME         run a job
       boatyard-init [FLAGS] exec -- CMD...   run a command
       boatyard-init [FLAGS] shell            run bash, or sh where there is no bash
       boatyard-init [FLAGS] CMD...           run /scripts/CMD if there is one, else CMD
       boatyard-init [FLAGS]                  run the default role, or a shell if there is none
       boatyard-init roles                    list the roles, one on a line
       boatyard-init --version | --help

flags:
  -g, --group      forward signals to the process group of the main process
  --grace SECS     kill what has not stopped SECS seconds after a stop was asked for
  -e CODE          exit with 0 where the main process exits with CODE (may be repeated)
  --stop-ok        exit with 0 where the main process dies of the stop signal after a stop was asked for
";

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

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Run a role of the contract.
    Start {
        /// The one named, if one is.
        role: Option<String>,
    },
    /// Run a job of the contract.
    Job {
        /// Its name.
        name: String,
    },
    /// Run these words, never empty, as they are.
    Exec {
        /// The program and its arguments.
        words: Vec<OsString>,
    },
    /// Run these words, never empty; a file of `/scripts` goes before the search path.
    Run {
        /// The program and its arguments.
        words: Vec<OsString>,
    },
    /// Run a shell.
    Shell,
    /// List the roles.
    Roles,
    /// No word at all: the default role or a shell.
    Default,
    /// Tell the version.
    Version,
    /// Tell the usage.
    Help,
}

/// Why the arguments cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misuse {
    /// No such flag.
    UnknownFlag {
        /// The flag.
        flag: OsString,
    },
    /// `--grace` without a whole number of seconds.
    Grace {
        /// What stood there, if anything.
        found: Option<OsString>,
    },
    /// `-e` without an exit code.
    Code {
        /// What stood there, if anything.
        found: Option<OsString>,
    },
    /// A verb lacks its argument.
    Missing {
        /// The verb.
        verb: &'static str,
        /// What it needs.
        needs: &'static str,
    },
    /// A verb got more than it takes.
    Unexpected {
        /// The verb.
        verb: &'static str,
        /// The first argument too many.
        argument: OsString,
    },
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownFlag { flag } => write!(f, "unknown flag {}", flag.display()),
            Self::Grace { found: Some(found) } => write!(
                f,
                "--grace takes a whole number of seconds, not {:?}",
                found.display()
            ),
            Self::Grace { found: None } => f.write_str("--grace takes a whole number of seconds"),
            Self::Code { found: Some(found) } => write!(
                f,
                "-e takes an exit code from 0 to 255, not {:?}",
                found.display()
            ),
            Self::Code { found: None } => f.write_str("-e takes an exit code from 0 to 255"),
            Self::Missing { verb, needs } => write!(f, "{verb} needs {needs}"),
            Self::Unexpected { verb, argument } => write!(
                f,
                "{verb} does not take the argument {:?}",
                argument.display()
            ),
        }
    }
}

impl std::error::Error for Misuse {}

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
                    words: command("--", rest.collect())?,
                };
                return Ok(invocation);
            }
            Some(flag) if flag.starts_with('-') => return Err(Misuse::UnknownFlag { flag: word }),
            _ => {
                invocation.verb = verb(word, rest.collect())?;
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

fn verb(word: OsString, mut rest: Vec<OsString>) -> Result<Verb, Misuse> {
    Ok(match word.to_str() {
        Some("start") => Verb::Start {
            role: at_most_one("start", rest)?.map(name),
        },
        Some("job") => Verb::Job {
            name: at_most_one("job", rest)?.map(name).ok_or(Misuse::Missing {
                verb: "job",
                needs: "the name of a job",
            })?,
        },
        Some("exec") => {
            if rest.first().is_some_and(|first| first == "--") {
                rest.remove(0);
            }
            Verb::Exec {
                words: command("exec", rest)?,
            }
        }
        Some("shell") => none("shell", rest, Verb::Shell)?,
        Some("roles") => none("roles", rest, Verb::Roles)?,
        _ => {
            rest.insert(0, word);
            Verb::Run { words: rest }
        }
    })
}

/// A name with bytes that are not UTF-8 is in no contract; it only has to be told back.
fn name(word: OsString) -> String {
    word.into_string()
        .unwrap_or_else(|word| word.to_string_lossy().into_owned())
}

fn command(verb: &'static str, words: Vec<OsString>) -> Result<Vec<OsString>, Misuse> {
    if words.is_empty() {
        return Err(Misuse::Missing {
            verb,
            needs: "a command",
        });
    }
    Ok(words)
}

fn at_most_one(verb: &'static str, words: Vec<OsString>) -> Result<Option<OsString>, Misuse> {
    let mut words = words.into_iter();
    let first = words.next();
    match words.next() {
        Some(argument) => Err(Misuse::Unexpected { verb, argument }),
        None => Ok(first),
    }
}

fn none(verb: &'static str, words: Vec<OsString>, done: Verb) -> Result<Verb, Misuse> {
    match words.into_iter().next() {
        Some(argument) => Err(Misuse::Unexpected { verb, argument }),
        None => Ok(done),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn verbs() {
        let start = |role: Option<&str>| Verb::Start {
            role: role.map(str::to_owned),
        };
        let exec = |line| Verb::Exec { words: words(line) };
        let run = |line| Verb::Run { words: words(line) };
        for (line, verb) in [
            ("", Verb::Default),
            ("start", start(None)),
            ("start web", start(Some("web"))),
            (
                "job migrate",
                Verb::Job {
                    name: "migrate".into(),
                },
            ),
            ("exec -- ls -l", exec("ls -l")),
            ("exec ls -- -l", exec("ls -- -l")),
            ("exec -- --", exec("--")),
            ("-- start web", exec("start web")),
            ("shell", Verb::Shell),
            ("roles", Verb::Roles),
            ("true", run("true")),
            ("ls -g --help", run("ls -g --help")),
            ("-g ls", run("ls")),
            ("--version start", Verb::Version),
            ("-g --help", Verb::Help),
        ] {
            let invocation = parse(words(line)).unwrap_or_else(|e| panic!("{line}: {e}"));
            assert_eq!(invocation.verb, verb, "{line}");
            assert_eq!(invocation.group, line.starts_with("-g"), "{line}");
        }
    }

    #[test]
    fn grace() {
        let invocation = parse(words("--grace 7 -g start")).unwrap();
        assert_eq!(invocation.grace, Some(Duration::from_secs(7)));
        assert!(invocation.group);
    }

    #[test]
    fn success() {
        let invocation = parse(words("-e 3 --stop-ok -e 143 true")).unwrap();
        let success = Success {
            codes: vec![3, 143],
            stopped: true,
        };
        assert_eq!(invocation.success, success);
    }

    #[test]
    fn misuse() {
        for (line, message) in [
            ("-x", "unknown flag -x"),
            ("--grace", "--grace takes a whole number of seconds"),
            (
                "--grace 1.5 true",
                "--grace takes a whole number of seconds, not \"1.5\"",
            ),
            ("-e", "-e takes an exit code from 0 to 255"),
            (
                "-e 256 true",
                "-e takes an exit code from 0 to 255, not \"256\"",
            ),
            ("--", "-- needs a command"),
            ("exec", "exec needs a command"),
            ("exec --", "exec needs a command"),
            ("job", "job needs the name of a job"),
            ("start web now", "start does not take the argument \"now\""),
            ("roles web", "roles does not take the argument \"web\""),
        ] {
            assert_eq!(
                parse(words(line)).unwrap_err().to_string(),
                message,
                "{line}"
            );
        }
    }
}
