//! What to launch: from the invocation and the contract to one command and its policy.

use std::ffi::OsString;
use std::fmt;
use std::time::Duration;

use crate::contract::{Command, Contract, Stop, Target};
use crate::exit;
use crate::invocation::{Invocation, Verb};
use crate::signal::Signal;

/// A command and how it is to be stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// The role that is started, if one is.
    pub role: Option<String>,
    /// What to run.
    pub what: What,
    /// How to stop it.
    pub stop: Stopping,
}

/// What to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A command of the contract.
    Command(Command),
    /// Words of the command line, as they are.
    Words(Vec<OsString>),
    /// Words of the command line; a file of `/scripts` goes before the search path.
    Script(Vec<OsString>),
    /// A shell.
    Shell,
}

/// How to stop it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopping {
    /// Who gets forwarded signals.
    pub target: Target,
    /// What is sent when init receives TERM.
    pub signal: Signal,
    /// Time between a stop and KILL; none where nobody promised one.
    pub grace: Option<Duration>,
}

/// Why nothing can be launched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The contract has no such role.
    UnknownRole {
        /// The name asked for.
        role: String,
        /// Whether it came from `ROLE` and not from the command line.
        from_environment: bool,
        /// The roles there are.
        known: Vec<String>,
    },
    /// Nobody named a role, and the contract has no default.
    NoRole {
        /// The roles there are.
        known: Vec<String>,
    },
    /// The contract has no such job.
    UnknownJob {
        /// The name asked for.
        job: String,
        /// The jobs there are.
        known: Vec<String>,
    },
}

impl Refusal {
    /// The exit code that tells it.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::UnknownRole { .. } => exit::UNKNOWN_ROLE,
            Self::NoRole { .. } => exit::USAGE,
            Self::UnknownJob { .. } => exit::UNKNOWN_JOB,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownRole {
                role,
                from_environment,
                known,
            } => {
                let origin = if *from_environment {
                    " (from $ROLE)"
                } else {
                    ""
                };
                write!(
                    f,
                    "unknown role {role:?}{origin}; {}",
                    known_as("roles", known)
                )
            }
            Self::NoRole { known } => write!(
                f,
                "no role named, and the contract has no default; {}",
                known_as("roles", known)
            ),
            Self::UnknownJob { job, known } => {
                write!(f, "unknown job {job:?}; {}", known_as("jobs", known))
            }
        }
    }
}

impl std::error::Error for Refusal {}

fn known_as(what: &str, known: &[String]) -> String {
    if known.is_empty() {
        format!("this image has no {what}")
    } else {
        format!("the {what} of this image are: {}", known.join(", "))
    }
}

/// Whether this verb cannot do without a contract.
pub fn needs_contract(verb: &Verb) -> bool {
    matches!(verb, Verb::Start { .. } | Verb::Job { .. } | Verb::Roles)
}

/// Decides what to launch. `contract` is `None` where the image has none; `role` is the value of the environment
/// variable `ROLE`, where empty counts as not set. Verbs that launch nothing (roles, version, help) give a shell: the
/// caller has answered them before.
pub fn choose(
    invocation: &Invocation,
    contract: Option<&Contract>,
    role: Option<&str>,
) -> Result<Launch, Refusal> {
    let role = role.filter(|role| !role.is_empty());
    let mut launch = match (&invocation.verb, contract) {
        (Verb::Start { role: named }, Some(contract)) => {
            self::role(contract, named.as_deref(), role)?
        }
        (Verb::Start { .. }, None) => return Err(Refusal::NoRole { known: Vec::new() }),
        (Verb::Default, Some(contract)) if role.is_some() || contract.default_role.is_some() => {
            self::role(contract, None, role)?
        }
        (Verb::Job { name }, contract) => Launch::plain(What::Command(job(contract, name)?)),
        (Verb::Exec { words }, _) => Launch::plain(What::Words(words.clone())),
        (Verb::WaitFor(wait), _) if !wait.words.is_empty() => {
            Launch::plain(What::Script(wait.words.clone()))
        }
        (Verb::Run { words }, _) => Launch::plain(What::Script(words.clone())),
        _ => Launch::plain(What::Shell),
    };
    if let Some(target) = invocation.target {
        launch.stop.target = target;
    }
    if invocation.grace.is_some() {
        launch.stop.grace = invocation.grace;
    }
    Ok(launch)
}

fn role(
    contract: &Contract,
    named: Option<&str>,
    environment: Option<&str>,
) -> Result<Launch, Refusal> {
    let known = || contract.roles.keys().cloned().collect();
    let name = named
        .or(environment)
        .or(contract.default_role.as_deref())
        .ok_or_else(|| Refusal::NoRole { known: known() })?;
    let role = contract
        .roles
        .get(name)
        .ok_or_else(|| Refusal::UnknownRole {
            role: name.to_owned(),
            from_environment: named.is_none() && environment.is_some(),
            known: known(),
        })?;
    Ok(Launch {
        role: Some(name.to_owned()),
        what: What::Command(role.command.clone()),
        stop: stopping(&role.stop),
    })
}

fn stopping(stop: &Stop) -> Stopping {
    Stopping {
        target: stop.target,
        // A contract that was read has only signals that exist; one made in memory falls back to the usual.
        signal: Signal::parse(&stop.signal).unwrap_or(Signal::TERM),
        grace: Some(Duration::from_secs(stop.grace_secs)),
    }
}

fn job(contract: Option<&Contract>, name: &str) -> Result<Command, Refusal> {
    contract
        .and_then(|contract| {
            let job = contract.jobs.get(name).map(|job| &job.command);
            // Scheduled work that another cron starts, as a CronJob of Kubernetes.
            job.or_else(|| Some(&contract.schedules.get(name)?.command))
        })
        .cloned()
        .ok_or_else(|| Refusal::UnknownJob {
            job: name.to_owned(),
            known: contract
                .map(|contract| contract.jobs.keys().cloned().collect())
                .unwrap_or_default(),
        })
}

impl Launch {
    /// A command that nobody promised a grace for.
    pub fn plain(what: What) -> Self {
        Self {
            role: None,
            what,
            stop: Stopping {
                target: Target::Main,
                signal: Signal::TERM,
                grace: None,
            },
        }
    }
}
