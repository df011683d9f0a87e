//! Reading a contract: from bytes that may be anything to a [`Contract`] whose parts fit together.

use std::fmt;

use serde::Deserialize;

use super::{Command, Contract, VERSION};
use crate::signal::Signal;
use crate::supervise::{Misfit, Plan};

/// Why a contract cannot be used.
#[derive(Debug)]
pub enum Broken {
    /// Not JSON, or not of the shape of a contract.
    Syntax {
        /// What the JSON reader says, with line and column.
        source: serde_json::Error,
    },
    /// Written in another version of the format.
    Version {
        /// The version found.
        found: u64,
    },
    /// The default role is not among the roles.
    DefaultRole {
        /// Its name.
        role: String,
    },
    /// A command has no words.
    NoWords {
        /// Whose command it is, as `role web`.
        of: String,
    },
    /// A command holds a NUL byte, which no program can be given.
    Nul {
        /// Whose command it is.
        of: String,
    },
    /// The services of a role cannot run together.
    Misfit {
        /// The role.
        role: String,
        /// Why.
        misfit: Misfit,
    },
    /// A stop signal that does not exist.
    StopSignal {
        /// The role.
        role: String,
        /// What is written there.
        signal: String,
    },
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { source } => write!(f, "it is not a contract: {source}"),
            Self::Version { found } => write!(
                f,
                "it has version {found} of the format, and this init reads version {VERSION}"
            ),
            Self::DefaultRole { role } => {
                write!(f, "its default role {role:?} is not among its roles")
            }
            Self::NoWords { of } => write!(f, "the command of {of} is empty"),
            Self::Nul { of } => write!(f, "the command of {of} holds a NUL byte"),
            Self::Misfit { role, misfit } => write!(f, "role {role:?}: {misfit}"),
            Self::StopSignal { role, signal } => {
                write!(
                    f,
                    "the stop signal {signal:?} of role {role:?} does not exist"
                )
            }
        }
    }
}

impl std::error::Error for Broken {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Syntax { source } => Some(source),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename = "contract")]
struct Versioned {
    version: u64,
}

/// Reads a contract and verifies it: version, commands, default role, stop signals.
pub fn parse(bytes: &[u8]) -> Result<Contract, Broken> {
    // The version comes first: another version may have other fields, and "unknown field" would mislead.
    let syntax = |source| Broken::Syntax { source };
    let Versioned { version } = serde_json::from_slice(bytes).map_err(syntax)?;
    if version != u64::from(VERSION) {
        return Err(Broken::Version { found: version });
    }
    let contract: Contract = serde_json::from_slice(bytes).map_err(syntax)?;
    verify(&contract)?;
    Ok(contract)
}

fn verify(contract: &Contract) -> Result<(), Broken> {
    if let Some(role) = &contract.default_role
        && !contract.roles.contains_key(role)
    {
        return Err(Broken::DefaultRole { role: role.clone() });
    }
    for (name, role) in &contract.roles {
        verify_command(&role.command, || format!("role {name:?}"))?;
        if Signal::parse(&role.stop.signal).is_none() {
            return Err(Broken::StopSignal {
                role: name.clone(),
                signal: role.stop.signal.clone(),
            });
        }
    }
    for (name, role) in &contract.roles {
        let Some(supervise) = &role.supervise else {
            continue;
        };
        for (service, found) in &supervise.services {
            verify_command(&found.command, || {
                format!("service {service:?} of role {name:?}")
            })?;
        }
        Plan::of(role).map_err(|misfit| Broken::Misfit {
            role: name.clone(),
            misfit,
        })?;
    }
    for (name, job) in &contract.jobs {
        verify_command(&job.command, || format!("job {name:?}"))?;
    }
    for (name, schedule) in &contract.schedules {
        verify_command(&schedule.command, || format!("schedule {name:?}"))?;
    }
    Ok(())
}

fn verify_command(command: &Command, of: impl Fn() -> String) -> Result<(), Broken> {
    let (empty, nul) = match command {
        Command::Line(line) => (line.trim().is_empty(), line.contains('\0')),
        Command::Words(words) => (
            words.first().is_none_or(String::is_empty),
            words.iter().any(|word| word.contains('\0')),
        ),
    };
    if empty {
        return Err(Broken::NoWords { of: of() });
    }
    if nul {
        return Err(Broken::Nul { of: of() });
    }
    Ok(())
}
