//! The verbs, and the words that follow each.

use std::ffi::OsString;

use super::flags::value;
use super::jobs::{self, Jobs};
use super::misuse::Misuse;
use super::wait_for::{self, WaitFor};
use crate::control::Request;
use crate::hook::Moment;
use crate::signal::Signal;

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
    /// Answer about the configuration.
    Config {
        /// What follows, for `config::parse_call`.
        words: Vec<OsString>,
    },
    /// Run a shell.
    Shell,
    /// Run scheduled jobs.
    Cron {
        /// What follows, for `cron::parse_call`.
        words: Vec<OsString>,
    },
    /// List the roles.
    Roles,
    /// Run the hook of a moment.
    Hook {
        /// One of [`Moment::COMMANDS`].
        moment: Moment,
    },
    /// Build the application in an S2I image: hooks around the image's assemble script.
    Assemble,
    /// Run the application in an S2I image: its run hook, or the image's run script.
    RunApplication,
    /// Run the scripts of a category.
    Jobs(Jobs),
    /// Wait for what a command needs, and run it.
    WaitFor(WaitFor),
    /// Say what there is in this image, and what of it cannot be used.
    Check,
    /// Tell what the role that runs here does.
    Status {
        /// As JSON.
        as_json: bool,
    },
    /// Have the init that runs here take a signal for received.
    Signal {
        /// Any but KILL, STOP and CHLD.
        signal: Signal,
    },
    /// End a service of the role that runs here, and start it again.
    Restart {
        /// Its name, or that of the role.
        service: String,
        /// Whether to wait until it is there again.
        waits: bool,
    },
    /// Say what this container permits.
    Doctor,
    /// Wait until the application is ready, and run its hook for that.
    AfterStart,
    /// Write the environment to a descriptor.
    DumpEnvironment {
        /// The descriptor.
        to: i32,
    },
    /// Ask a service once whether it is ready.
    Ask {
        /// As the contract has it.
        how: String,
    },
    /// Take the lock of a descriptor, however long that takes.
    Lock {
        /// The descriptor.
        of: i32,
    },
    /// No word at all: the default role or a shell.
    Default,
    /// Tell the version.
    Version,
    /// Tell the usage.
    Help,
}

impl Verb {
    /// Whether it starts what the container is for.
    pub fn is_start(&self) -> bool {
        matches!(
            self,
            Self::Start { .. } | Self::Default | Self::Assemble | Self::RunApplication
        )
    }
}

/// Understands a verb and what follows it; a word that is no verb is a program.
pub(super) fn parse(word: OsString, mut rest: Vec<OsString>) -> Result<Verb, Misuse> {
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
        Some("config") => Verb::Config { words: rest },
        Some("cron") => Verb::Cron { words: rest },
        Some("shell") => none("shell", rest, Verb::Shell)?,
        Some("roles") => none("roles", rest, Verb::Roles)?,
        Some("assemble") => none("assemble", rest, Verb::Assemble)?,
        Some("run") => none("run", rest, Verb::RunApplication)?,
        Some("check") => none("check", rest, Verb::Check)?,
        Some("doctor") => none("doctor", rest, Verb::Doctor)?,
        Some("status") => match at_most_one("status", rest)? {
            Some(flag) if flag == "--json" => Verb::Status { as_json: true },
            None => Verb::Status { as_json: false },
            Some(argument) => {
                return Err(Misuse::Unexpected {
                    verb: "status",
                    argument,
                });
            }
        },
        Some("signal") => {
            let takes = "one signal by name or number, but not KILL, STOP or CHLD";
            let word = at_most_one("signal", rest)?;
            Verb::Signal {
                signal: value("signal", takes, word, Request::signal)?,
            }
        }
        Some("restart") => restart(rest)?,
        Some("jobs") => Verb::Jobs(jobs::parse(rest)?),
        Some("wait-for") => Verb::WaitFor(wait_for::parse(rest)?),

        text => {
            let mut moments = Moment::COMMANDS.into_iter();
            if let Some(moment) = moments.find(|moment| Some(moment.name()) == text) {
                return none(moment.name(), rest, Verb::Hook { moment });
            }
            rest.insert(0, word);
            Verb::Run { words: rest }
        }
    })
}

/// `restart SERVICE [--no-wait]`, in any order.
fn restart(mut words: Vec<OsString>) -> Result<Verb, Misuse> {
    let count = words.len();
    words.retain(|word| word != "--no-wait");
    let waits = words.len() == count;
    let flag = |word: &&OsString| word.as_encoded_bytes().starts_with(b"-");
    if let Some(flag) = words.iter().find(flag) {
        return Err(Misuse::UnknownFlag { flag: flag.clone() });
    }
    let service = at_most_one("restart", words)?;
    let service = service.map(name).filter(|name| !name.is_empty());
    Ok(Verb::Restart {
        service: service.ok_or(Misuse::Missing {
            verb: "restart",
            needs: "the name of a service",
        })?,
        waits,
    })
}

/// A name with bytes that are not UTF-8 is in no contract; it only has to be told back.
fn name(word: OsString) -> String {
    word.into_string()
        .unwrap_or_else(|word| word.to_string_lossy().into_owned())
}

/// A command has at least one word.
pub(super) fn command(verb: &'static str, words: Vec<OsString>) -> Result<Vec<OsString>, Misuse> {
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
