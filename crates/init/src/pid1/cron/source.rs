//! Where jobs come from: a crontab, or the schedules of the contract.

use std::fmt;
use std::path::{Path, PathBuf};

use boatyard_init::contract::{Command, Contract};
use boatyard_init::cron::{Call, Entry, Mistake, Reading, Remark, Schedule, Table, Wrong, parse};
use jiff::tz::TimeZone;

/// Where they come from.
pub enum Source {
    /// A file.
    File(PathBuf),
    /// The contract, which does not change.
    Contract(Contract),
}

/// Why there are no jobs.
pub enum Trouble {
    /// The file cannot be read.
    Unreadable(std::io::Error),
    /// It has mistakes.
    Mistakes(Vec<Mistake>),
    /// A schedule of the contract has one.
    Schedule { name: String, mistake: Mistake },
}

impl Trouble {
    /// One line for each thing that is wrong, with help.
    pub fn lines(&self, source: &Source) -> Vec<String> {
        let of = |mistake: &Mistake, place: &dyn fmt::Display| {
            let help = mistake.wrong.help().map(|help| format!(" ({help})"));
            format!(
                "bad crontab line: {place}: {}{}",
                mistake.wrong,
                help.unwrap_or_default()
            )
        };
        match self {
            Self::Unreadable(error) => vec![format!("cannot read {source}: {error}")],
            Self::Mistakes(mistakes) => mistakes
                .iter()
                .map(|mistake| {
                    of(
                        mistake,
                        &format_args!("{source}:{}:{}", mistake.line, mistake.column),
                    )
                })
                .collect(),
            Self::Schedule { name, mistake } => {
                vec![of(
                    mistake,
                    &format_args!("schedule {name:?} of {source}, column {}", mistake.column),
                )]
            }
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Contract(_) => f.write_str("the contract"),
        }
    }
}

impl Source {
    /// The folder in which a change of the file shows: that of the file, for it may be replaced, and in a Kubernetes
    /// volume a link beside it is.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::File(path) => path.parent().map(|parent| {
                if parent.as_os_str().is_empty() {
                    Path::new(".")
                } else {
                    parent
                }
            }),
            Self::Contract(_) => None,
        }
    }

    /// The bytes of the file, empty for the contract.
    pub fn bytes(&self) -> std::io::Result<Vec<u8>> {
        match self {
            Self::File(path) => std::fs::read(path),
            Self::Contract(_) => Ok(Vec::new()),
        }
    }

    /// The jobs.
    pub fn table(&self, bytes: &[u8], call: &Call) -> Result<Table, Trouble> {
        let reading = Reading {
            zone: &|name| TimeZone::get(name).ok(),
            stars: call.stars,
            rules: call.rules.clone(),
        };
        match self {
            Self::File(_) => parse(bytes, &reading).map_err(Trouble::Mistakes),
            Self::Contract(contract) => of_contract(contract, call),
        }
    }
}

fn of_contract(contract: &Contract, call: &Call) -> Result<Table, Trouble> {
    let mut table = Table {
        environment: std::collections::BTreeMap::new(),
        jobs: Vec::new(),
        remarks: Vec::<Remark>::new(),
    };
    for (name, schedule) in &contract.schedules {
        let trouble = |column: usize, wrong: Wrong| Trouble::Schedule {
            name: name.clone(),
            mistake: Mistake {
                line: 1,
                column,
                wrong,
            },
        };
        let when = Schedule::parse(&schedule.cron, call.stars)
            .map_err(|(at, wrong)| trouble(at + 1, wrong))?;
        let zone = match &schedule.manner.timezone {
            None => None,
            Some(zone) => Some(TimeZone::get(zone).map_err(|_| {
                let found = zone.clone();
                trouble(1, Wrong::Zone { found })
            })?),
        };
        table.jobs.push(Entry {
            name: Some(name.clone()),
            line: 0,
            text: schedule.cron.clone(),
            schedule: when,
            command: line(&schedule.command),
            zone,
            rules: call.rules.of(&schedule.manner),
        });
    }
    Ok(table)
}

/// A command as a line for the shell.
fn line(command: &Command) -> String {
    match command {
        Command::Line(line) => line.clone(),
        Command::Words(words) => words
            .iter()
            .map(|word| format!("'{}'", word.replace('\'', "'\\''")))
            .collect::<Vec<_>>()
            .join(" "),
    }
}
