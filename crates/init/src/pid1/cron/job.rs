//! One run of a job: a process group, and its output.

use std::os::fd::AsRawFd as _;

use boatyard_init::contract::Command;
use boatyard_init::cron::{About, Channel, RunId};
use boatyard_init::environment::Environment;
use boatyard_init::exit;
use boatyard_init::launch::What;
use boatyard_init::persona::{Place, Voice};

use crate::pid1::inlet::Inlet;
use crate::pid1::sys::fork::Setup;
use crate::pid1::sys::signals::Inherited;
use crate::pid1::{command, say, spawn};

/// A run that has been started.
pub struct Started {
    /// Its process, which leads a group.
    pub pid: i32,
    /// Our ends of its output, where it does not write to ours.
    pub outputs: Vec<Output>,
}

/// One output of a run.
pub struct Output {
    /// Our end.
    pub inlet: Inlet,
    /// Which of the two it is.
    pub channel: Channel,
    /// Of which run.
    pub about: About,
    /// The same.
    pub run: RunId,
}

/// How all runs are started.
pub struct Manner<'a> {
    /// Their environment.
    pub environment: &'a Environment,
    /// The shell that the crontab asks for, if it does.
    pub shell: Option<&'a str>,
    /// They write to our own output.
    pub passthrough: bool,
    /// The signal state they get.
    pub inherited: Inherited,
}

/// Starts a run. What failed has been told.
pub fn start(run: RunId, about: &About, manner: &Manner<'_>) -> Result<Started, u8> {
    let Manner {
        environment,
        passthrough,
        inherited,
        ..
    } = *manner;
    // A shell that was asked for gets the line as it is; else a simple line needs none.
    let command = match manner.shell {
        Some(shell) => Command::Words([shell, "-c", &about.command].map(str::to_owned).to_vec()),
        None => Command::Line(about.command.to_string()),
    };
    let what = What::Command(command);
    let program = command::program(&what, environment)?;
    let mut outputs = Vec::new();
    let mut ends = Vec::new();
    if !passthrough {
        for (channel, number) in [(Channel::Stdout, 1), (Channel::Stderr, 2)] {
            let (inlet, end) = Inlet::new().map_err(|error| {
                say::warn(format_args!("cannot make a pipe: {error}"));
                exit::SYSTEM
            })?;
            outputs.push(Output {
                inlet,
                channel,
                about: about.clone(),
                run,
            });
            ends.push((end, number));
        }
    }
    let streams: Vec<(i32, i32)> = ends
        .iter()
        .map(|(end, number)| (end.as_raw_fd(), *number))
        .collect();
    let setup = Setup {
        identity: None,
        inherited,
        clean_signals: false,
        place: Place::Group,
        terminal: None,
        folder: None,
        streams: &streams,
        passes_sockets: false,
        environment,
    };
    let pid = spawn::spawn(&program, &setup, &Voice::Boatyard)?;
    Ok(Started { pid, outputs })
}
