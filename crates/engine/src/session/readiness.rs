//! Finds out when a process is ready.

use std::time::{Duration, Instant};

use boatyard_plan::event::{Event, Outcome};
use boatyard_plan::run::{Kind, Probe};

use super::message::Message;
use super::supervise::Session;
use super::{container, probe};
use crate::sandbox::{Handle, Program, Sandbox, Stdio};

/// How often a process is asked whether it is ready.
const PROBE_INTERVAL: Duration = Duration::from_millis(50);

/// After the first question; doubled each time, for most are ready in no time or take long. Whoever has a command asked is not in
/// such a hurry: each is a process.
const FIRST_INTERVAL: Duration = Duration::from_millis(2);

/// How long a command that is asked may take.
const COMMAND_PATIENCE: Duration = Duration::from_secs(5);

impl Session<'_> {
    /// Tells how the start of a process ended, once.
    pub(super) fn started(&mut self, at: usize, outcome: Outcome) {
        if std::mem::take(&mut self.starting[at]) {
            (self.sink)(Event::Finished {
                id: format!("up/{}", self.plan.processes[at].name),
                outcome,
                millis: u64::try_from(self.began[at].elapsed().as_millis()).unwrap_or(u64::MAX),
                size_bytes: None,
            });
        }
    }

    /// Asks in a thread of its own until the process is ready or its time is up.
    pub(super) fn probe(&self, at: usize) {
        let process = &self.plan.processes[at];
        let Some(question) = process.ready.clone() else {
            // Nothing to ask: a role is ready once it runs, a job once it has succeeded.
            if process.kind != Kind::Job {
                let _ = self.sender.send(Message::Ready { at });
            }
            return;
        };
        let (network, sender, timeout) = (
            self.network.clone(),
            self.sender.clone(),
            self.options.timeout,
        );
        let Some(handle) = self.running[at].clone() else {
            return;
        };
        let sandbox = self.sandbox.clone();
        let wanted = self.wanted(process);
        let program = container::image(self.store, &process.image)
            .and_then(|(tree, config)| container::program(self.store, &tree, &config, &wanted));
        std::thread::spawn(move || {
            let deadline = Instant::now() + timeout;
            let mut pause = match &question {
                Probe::Exec { .. } => PROBE_INTERVAL,
                _ => FIRST_INTERVAL,
            };
            loop {
                let answer = match (&question, &program) {
                    (Probe::Exec { line }, Ok(program)) => {
                        ask_inside(&sandbox, &handle, program, line)
                    }
                    (Probe::Exec { .. }, Err(error)) => Err(error.to_string()),
                    (question, _) => probe::ask(network.as_ref(), question),
                };
                match answer {
                    Ok(()) => return sender.send(Message::Ready { at }),
                    Err(last) if Instant::now() >= deadline => {
                        return sender.send(Message::NotReady { at, last });
                    }
                    Err(_) => std::thread::sleep(pause),
                }
                pause = (pause * 2).min(PROBE_INTERVAL);
            }
        });
    }
}

/// Runs a line in a running container; `Err` says how it ended.
fn ask_inside(
    sandbox: &Sandbox,
    handle: &Handle,
    program: &Program,
    line: &str,
) -> Result<(), String> {
    let argv = ["sh", "-c", line].map(str::to_owned).into();
    let program = Program {
        argv,
        ..program.clone()
    };
    let mut asked = sandbox
        .join(
            handle.pid(),
            &program,
            [Stdio::Null, Stdio::Null, Stdio::Null],
        )
        .map_err(|error| error.to_string())?;
    match asked
        .wait_timeout(COMMAND_PATIENCE)
        .map_err(|error| error.to_string())?
    {
        Some(exit) if exit.success() => Ok(()),
        Some(exit) => Err(format!("exit code {}", exit.code)),
        None => Err("no answer within 5 s".to_owned()),
    }
}
