//! From the contract to services in the order of their start.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use super::output::Output;
use super::ready::{Readiness, Socket};
use crate::contract::{Command, Habits, MAIN, Restart, Role, Stop, Target};
use crate::signal::Signal;

/// Services in the order of their start: those of a lower level first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The services; `after` holds indexes of earlier ones.
    pub services: Vec<Spec>,
    /// Time between the start of a stop and the exit at the latest.
    pub budget: Duration,
    /// How long all go on after a stop was asked for.
    pub stop_delay: Duration,
}

/// One service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its name.
    pub name: String,
    /// What to run.
    pub command: Command,
    /// It is started when these are ready.
    pub after: Vec<usize>,
    /// One more than the highest level of those.
    pub level: usize,
    /// How to know that it is ready.
    pub ready: Readiness,
    /// How long that may take.
    pub ready_timeout: Duration,
    /// All end when it ends.
    pub essential: bool,
    /// When it is started again.
    pub restart: Restart,
    /// It is ready when it has ended with 0.
    pub oneshot: bool,
    /// What ends it.
    pub stop_signal: Signal,
    /// How long it may take to end.
    pub grace: Duration,
    /// Who gets the signal.
    pub target: Target,
    /// Sockets that it gets.
    pub sockets: Vec<Socket>,
    /// Who it runs as, if not who init is.
    pub user: Option<String>,
    /// The folder that it starts in, if not ours.
    pub cwd: Option<String>,
    /// Where its output goes.
    pub output: Output,
    /// Variables for it alone.
    pub env: BTreeMap<String, String>,
}

/// Why services cannot run together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// A service has the name of the role's own command.
    Reserved,
    /// A service comes after one that is not there.
    Unknown {
        /// The service.
        service: String,
        /// What it comes after.
        after: String,
    },
    /// Services come after each other in a circle.
    Circle {
        /// Those that can never start.
        services: Vec<String>,
    },
    /// A stop signal that does not exist.
    Signal {
        /// The service.
        service: String,
        /// What is written there.
        signal: String,
    },
    /// Not a way to know that it is ready.
    Ready {
        /// The service.
        service: String,
        /// What is written there.
        ready: String,
    },
    /// It is to write to a descriptor that is one of its sockets.
    Descriptor {
        /// The service.
        service: String,
        /// The number.
        number: i32,
    },
    /// Not a place for its output.
    Log {
        /// The service.
        service: String,
        /// What is written there.
        log: String,
    },
    /// Not a socket.
    Socket {
        /// The service.
        service: String,
        /// What is written there.
        socket: String,
    },
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reserved => write!(
                f,
                "a service cannot be called {MAIN:?}: that is the role's own command"
            ),
            Self::Unknown { service, after } => write!(
                f,
                "service {service:?} comes after {after:?}, which is not there"
            ),
            Self::Circle { services } => write!(
                f,
                "these come after each other in a circle: {}",
                services.join(", ")
            ),
            Self::Signal { service, signal } => write!(
                f,
                "the stop signal {signal:?} of service {service:?} does not exist"
            ),
            Self::Ready { service, ready } => write!(
                f,
                "{ready:?} of service {service:?} is none of running, notify, fd:N, tcp://HOST:PORT, http://HOST:PORT/PATH, file:/PATH or a command"
            ),
            Self::Descriptor { service, number } => write!(
                f,
                "service {service:?} cannot write to descriptor {number}: it is one of its sockets"
            ),
            Self::Log { service, log } => write!(
                f,
                "the log {log:?} of service {service:?} is neither the absolute path of a file nor null"
            ),
            Self::Socket { service, socket } => {
                write!(
                    f,
                    "{socket:?} of service {service:?} is neither tcp://ADDRESS:PORT nor unix:/PATH"
                )
            }
        }
    }
}

impl std::error::Error for Misfit {}

struct Given<'a> {
    command: &'a Command,
    stop: &'a Stop,
    ready: Option<&'a str>,
    port: Option<u16>,
    habits: &'a Habits,
}

impl Plan {
    /// The services of a role, its own command among them. The budget is that of the role's stop.
    pub fn of(role: &Role) -> Result<Self, Misfit> {
        let nothing = crate::contract::Supervise::default();
        let supervise = role.supervise.as_ref().unwrap_or(&nothing);
        if supervise.services.contains_key(MAIN) {
            return Err(Misfit::Reserved);
        }
        let main = Given {
            command: &role.command,
            stop: &role.stop,
            ready: supervise.main_ready.as_deref().or(role.ready.as_deref()),
            port: role.port,
            habits: &supervise.main,
        };
        let mut given: BTreeMap<&str, Given<'_>> = BTreeMap::from([(MAIN, main)]);
        for (name, service) in &supervise.services {
            let ready = service.ready.as_deref();
            given.insert(
                name,
                Given {
                    command: &service.command,
                    stop: &service.stop,
                    ready,
                    port: None,
                    habits: &service.habits,
                },
            );
        }
        let levels = levels(&given)?;
        let mut order: Vec<&str> = given.keys().copied().collect();
        order.sort_by_key(|name| levels.get(name).copied());
        let mut services = Vec::new();
        for name in &order {
            if let (Some(given), Some(level)) = (given.get(name), levels.get(name)) {
                services.push(spec(name, given, *level, &order)?);
            }
        }
        Ok(Self {
            services,
            budget: Duration::from_secs(role.stop.grace_secs),
            stop_delay: Duration::from_secs(supervise.stop_delay_secs),
        })
    }
}

fn levels<'a>(given: &BTreeMap<&'a str, Given<'_>>) -> Result<BTreeMap<&'a str, usize>, Misfit> {
    for (name, one) in given {
        if let Some(after) = one
            .habits
            .after
            .iter()
            .find(|after| !given.contains_key(after.as_str()))
        {
            return Err(Misfit::Unknown {
                service: (*name).to_owned(),
                after: after.clone(),
            });
        }
    }
    let mut levels: BTreeMap<&str, usize> = BTreeMap::new();
    loop {
        let found: BTreeSet<(&str, usize)> = given
            .iter()
            .filter(|(name, _)| !levels.contains_key(*name))
            .filter_map(|(name, one)| {
                let before: Option<Vec<usize>> = one
                    .habits
                    .after
                    .iter()
                    .map(|after| levels.get(after.as_str()).copied())
                    .collect();
                Some((
                    *name,
                    before?.into_iter().max().map_or(0, |level| level + 1),
                ))
            })
            .collect();
        if found.is_empty() {
            break;
        }
        levels.extend(found);
    }
    let left: Vec<String> = given
        .keys()
        .filter(|name| !levels.contains_key(*name))
        .map(|name| (*name).to_owned())
        .collect();
    if left.is_empty() {
        Ok(levels)
    } else {
        Err(Misfit::Circle { services: left })
    }
}

fn spec(name: &str, given: &Given<'_>, level: usize, order: &[&str]) -> Result<Spec, Misfit> {
    let service = || name.to_owned();
    let habits = given.habits;
    let ready = match given.ready {
        None => Readiness::Running,
        Some(text) => Readiness::parse(text, given.port).ok_or_else(|| Misfit::Ready {
            service: service(),
            ready: text.to_owned(),
        })?,
    };
    if let Readiness::Descriptor(number) = ready
        && usize::try_from(number).is_ok_and(|number| number < 3 + habits.sockets.len())
    {
        return Err(Misfit::Descriptor {
            service: service(),
            number,
        });
    }
    let sockets = habits.sockets.iter().map(|text| {
        Socket::parse(text).ok_or_else(|| Misfit::Socket {
            service: service(),
            socket: text.clone(),
        })
    });
    let output = match &habits.log {
        None => Output::Ours,
        Some(text) => Output::parse(text).ok_or_else(|| Misfit::Log {
            service: service(),
            log: text.clone(),
        })?,
    };
    let signal = || Misfit::Signal {
        service: service(),
        signal: given.stop.signal.clone(),
    };
    let usual = if habits.essential {
        Restart::Never
    } else {
        Restart::Always
    };
    Ok(Spec {
        name: service(),
        command: given.command.clone(),
        after: order
            .iter()
            .enumerate()
            .filter(|(_, other)| habits.after.iter().any(|after| after == *other))
            .map(|(at, _)| at)
            .collect(),
        level,
        ready,
        ready_timeout: Duration::from_secs(habits.ready_timeout_secs),
        essential: habits.essential,
        restart: habits.restart.unwrap_or(usual),
        oneshot: habits.oneshot,
        stop_signal: Signal::parse(&given.stop.signal).ok_or_else(signal)?,
        grace: Duration::from_secs(given.stop.grace_secs),
        target: given.stop.target,
        sockets: sockets.collect::<Result<_, _>>()?,
        user: habits.user.clone(),
        cwd: habits.cwd.clone(),
        output,
        env: habits.env.clone(),
    })
}
