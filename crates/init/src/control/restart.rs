//! A restart that somebody asks for: whether it can be, and how whoever waits for it sees its end.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use super::status::{State, Status};
use crate::contract::MAIN;
use crate::exit;

/// What begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The name of the service.
    pub service: String,
    /// How often it had been started by then.
    pub starts: u64,
    /// How long it takes.
    pub pace: Pace,
}

/// How long a restart takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// At most so long until the service is there again: its time to end, and its time to be ready.
    pub within: Duration,
    /// It is there when it has run for so long: many that cannot run end soon. Nothing where it is known when it is ready.
    pub stays: Duration,
}

/// Why nothing begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No service has that name.
    Unknown {
        /// The name.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// The role is one process: its end is that of the container.
    Alone {
        /// The role.
        role: String,
    },
    /// What runs is started by the clock.
    Due,
    /// All are being stopped.
    Stopping,
}

impl Begun {
    /// Finds the service: by its name, or `main` by that of the role. `pace` tells how long a restart of the service with this
    /// index takes, or why it is not to be. Gives the index, too.
    pub fn of(
        status: &Status,
        name: &str,
        pace: &dyn Fn(usize) -> Result<Pace, Refused>,
    ) -> Result<(usize, Self), Refused> {
        let find = |name: &str| {
            let mut services = status.services.iter().enumerate();
            services.find(|(_, service)| service.name == name)
        };
        let by_role = || (name == status.role).then(|| find(MAIN)).flatten();
        let Some((index, service)) = find(name).or_else(by_role) else {
            let known = status.services.iter().map(|service| service.name.clone());
            return Err(Refused::Unknown {
                name: name.to_owned(),
                known: known.collect(),
            });
        };
        let pace = pace(index)?;
        if status.state == State::Stopping {
            return Err(Refused::Stopping);
        }
        let begun = Self {
            service: service.name.clone(),
            starts: service.starts,
            pace,
        };
        Ok((index, begun))
    }

    /// As it is answered.
    pub fn to_json(&self) -> Value {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let Pace { within, stays } = self.pace;
        serde_json::json!({"service": self.service, "starts": self.starts,
            "within_ms": millis(within), "stays_ms": millis(stays)})
    }

    /// What has been answered so.
    pub fn from_json(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let millis = |name: &str| Some(Duration::from_millis(value.get(name)?.as_u64()?));
        Some(Self {
            service: value.get("service")?.as_str()?.to_owned(),
            starts: value.get("starts")?.as_u64()?,
            pace: Pace {
                within: millis("within_ms")?,
                stays: millis("stays_ms")?,
            },
        })
    }

    /// What has become of it, by a status as JSON; none: it is under way. A status that tells nothing of it is of another init.
    pub fn outcome(&self, status: &str) -> Option<Outcome> {
        let status: Value = serde_json::from_str(status).unwrap_or_default();
        let services = status.get("services").and_then(Value::as_array);
        let found = services.into_iter().flatten().find(|service| {
            service.get("name").and_then(Value::as_str) == Some(self.service.as_str())
        });
        let is = |value: &Value, state: State| {
            value.get("state").and_then(Value::as_str) == Some(state.name())
        };
        let Some(service) = found.filter(|_| !is(&status, State::Stopping)) else {
            return Some(Outcome::Stopped);
        };
        let number = |name: &str| service.get(name).and_then(Value::as_u64);
        let again = number("starts").is_some_and(|starts| starts > self.starts);
        let code = number("code");
        match number("pid") {
            Some(pid) if again && is(service, State::Running) => Some(Outcome::Runs { pid }),
            _ if is(service, State::Ended) && again && code == Some(0) => Some(Outcome::Done),
            _ if is(service, State::Ended) || (again && is(service, State::Pausing)) => {
                Some(Outcome::Failed { code })
            }
            _ => None,
        }
    }
}

/// What has become of a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It runs, and is ready as far as that can be known.
    Runs {
        /// Its process.
        pid: u64,
    },
    /// It has done its work once more.
    Done,
    /// It was started and has ended.
    Failed {
        /// Its exit code, where it is known: it is not while another start is under way.
        code: Option<u64>,
    },
    /// All are being stopped.
    Stopped,
}

impl Outcome {
    /// The exit code that tells it.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Runs { .. } | Self::Done => 0,
            Self::Failed { .. } | Self::Stopped => exit::UNAVAILABLE,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Runs { pid } => write!(f, "runs again, process {pid}"),
            Self::Done => f.write_str("has run again"),
            Self::Failed { code: Some(code) } => {
                write!(f, "was started again and ended with exit code {code}")
            }
            Self::Failed { code: None } => f.write_str("was started again and ended"),
            Self::Stopped => f.write_str("does not start again: the role is being stopped"),
        }
    }
}

impl Refused {
    /// The status of the answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::Unknown { .. } => 404,
            Self::Alone { .. } | Self::Due => 409,
            Self::Stopping => 503,
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, known } => write!(
                f,
                "there is no service {name:?} here; there are: {}",
                known.join(", ")
            ),
            Self::Alone { role } => write!(
                f,
                "role {role:?} is one process, whose end is that of the container: restart the container, or give the role \
                 services (supervise)"
            ),
            Self::Due => f.write_str(
                "jobs are started when they are due: `boatyard-init job NAME` runs one of the contract now",
            ),
            Self::Stopping => f.write_str("the role is being stopped"),
        }
    }
}
