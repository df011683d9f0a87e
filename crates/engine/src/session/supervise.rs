//! The session: starts, watches and stops the processes of a project.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use boatyard_plan::event::{Event, Outcome, Stream};
use boatyard_plan::run::{Kind, Process, RunPlan};
use boatyard_store::Store;

use super::container::Wanted;
use super::message::{Message, Options, Stopper};
use super::record::{ProcessRecord, Record, State};
use super::relay::{LastLines, Relay};
use super::{Container, Place, SessionError, journal, networking, order, ports, probe};
use crate::host::Host;
use crate::network::{self, Forwarder, Namespace, Outlet};
use crate::sandbox::{Handle, Network, Sandbox, Stdio};
use crate::sink::Sink;

/// Runs a project.
pub struct Session<'a> {
    pub(super) host: &'a Host,
    pub(super) sandbox: &'a Sandbox,
    pub(super) store: &'a Store,
    place: &'a Place,
    pub(super) plan: &'a RunPlan,
    pub(super) options: Options,
    pub(super) sink: Sink,
    pub(super) sender: Sender<Message>,
    pub(super) messages: Receiver<Message>,
    pub(super) network: Option<Namespace>,
    _outlet: Option<Outlet>,
    forwarders: Vec<Forwarder>,
    pub(super) states: Vec<State>,
    pub(super) running: Vec<Option<Handle>>,
    record: Record,
    last_lines: Vec<LastLines>,
    pub(super) began: Vec<Instant>,
    /// Whether its start was told to have begun, and not yet how it ended.
    pub(super) starting: Vec<bool>,
    once: bool,
    /// How often what failed was tried again.
    pub(super) again: Vec<u32>,
    _lock: std::fs::File,
}

impl<'a> Session<'a> {
    /// Takes the project's place and makes its network. Nothing runs yet.
    pub fn new(
        host: &'a Host,
        sandbox: &'a Sandbox,
        store: &'a Store,
        place: &'a Place,
        plan: &'a RunPlan,
        options: Options,
        sink: Sink,
    ) -> Result<Self, SessionError> {
        let Some(lock) = place.lock()? else {
            return Err(SessionError::already(place));
        };
        let (network, outlet) = networking::make(host, options.network, &sink)?;
        let (sender, messages) = channel();
        let count = plan.processes.len();
        let processes = plan.processes.iter().map(waiting).collect();
        let record = Record {
            pid: i32::try_from(std::process::id()).unwrap_or(0),
            project: plan.project.clone(),
            ready: false,
            processes,
        };
        record.write(place)?;
        Ok(Self {
            host,
            sandbox,
            store,
            place,
            plan,
            options,
            sink,
            sender,
            messages,
            network,
            _outlet: outlet,
            forwarders: Vec::new(),
            states: vec![State::Waiting; count],
            running: vec![None; count],
            record,
            last_lines: (0..count).map(|_| LastLines::default()).collect(),
            began: vec![Instant::now(); count],
            starting: vec![false; count],
            once: false,
            again: vec![0; count],
            _lock: lock,
        })
    }

    /// Something to stop the session with.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.sender.clone())
    }

    /// Runs until everything is ready, jobs included, then stops it.
    pub fn run_once(mut self) -> Result<(), SessionError> {
        self.once = true;
        self.run()
    }

    /// Runs until it is stopped or a process fails; then everything has been stopped.
    pub fn run(mut self) -> Result<(), SessionError> {
        let result = self.publish().and_then(|()| self.watch());
        let result = match result {
            Ok(()) if self.once && !self.record.ready => Err(SessionError::Interrupted),
            other => other,
        };
        let stopped = self.stop_all();
        let _ = std::fs::remove_file(self.place.record());
        result.and(stopped)
    }

    /// Opens the ports, before anything starts: a port in use is told at once. On this machine's network the processes
    /// open their ports themselves, and a door leads to them from any other port that is wanted.
    fn publish(&mut self) -> Result<(), SessionError> {
        for (at, process) in self.plan.processes.iter().enumerate() {
            let Some(port) = process.port else {
                continue;
            };
            if self.network.is_none() {
                network::vacant(ports::local(port)).map_err(|cause| SessionError::Port {
                    process: process.name.clone(),
                    cause,
                })?;
            }
            let Some(address) = ports::published(process, &self.options) else {
                continue;
            };
            let mut open = address.port();
            if self.network.is_some() || open != port {
                let forwarder = Forwarder::listen(address, self.network.as_ref(), port)?;
                open = forwarder.address().port();
                self.forwarders.push(forwarder);
            }
            self.record.processes[at].url = Some(format!("http://127.0.0.1:{open}"));
        }
        Ok(())
    }

    fn watch(&mut self) -> Result<(), SessionError> {
        loop {
            for at in order::startable(&self.plan.processes, &self.states) {
                self.start(at).map_err(|cause| SessionError::Start {
                    process: self.plan.processes[at].name.clone(),
                    cause: Box::new(cause),
                })?;
            }
            if self.settle()? && self.once {
                return Ok(());
            }
            match self.messages.recv() {
                Ok(Message::Stop) | Err(_) => return Ok(()),
                Ok(Message::Ready { at }) => self.ready(at),
                Ok(Message::NotReady { at, last }) if self.states[at] == State::Starting => {
                    return Err(self.not_ready(at, last));
                }
                Ok(Message::NotReady { .. }) => {}
                Ok(Message::Exited { at, code }) => self.over(at, code)?,
                // It is startable once more.
                Ok(Message::Again { at }) => self.states[at] = State::Waiting,
            }
        }
    }

    /// Writes the record; tells once that everything is ready, and whether it is.
    fn settle(&mut self) -> Result<bool, SessionError> {
        let ready = self.states.iter().all(|state| *state == State::Ready);
        let newly = ready && !self.record.ready;
        self.record.ready |= ready;
        self.write_record()?;
        if newly {
            (self.sink)(Event::Up {
                processes: self.states.len(),
            });
        }
        Ok(ready)
    }

    pub(super) fn write_record(&mut self) -> Result<(), SessionError> {
        for (at, process) in self.record.processes.iter_mut().enumerate() {
            process.state = self.states[at];
            process.pid = self.running[at].as_ref().map(Handle::pid);
        }
        self.record.write(self.place)
    }

    fn start(&mut self, at: usize) -> Result<(), SessionError> {
        let process = &self.plan.processes[at];
        self.began[at] = Instant::now();
        self.starting[at] = true;
        (self.sink)(Event::Started {
            id: format!("up/{}", process.name),
            parent: None,
            title: format!("start {}", process.name),
        });
        let container =
            Container::prepare(self.host, self.store, self.place, &self.wanted(process))?;
        let pipe = || {
            std::io::pipe().map_err(|source| SessionError::Io {
                doing: "make a pipe for",
                path: process.name.clone().into(),
                source,
            })
        };
        let ((out, out_writer), (err, err_writer)) = (pipe()?, pipe()?);
        let stdio = [
            Stdio::Null,
            Stdio::from(out_writer),
            Stdio::from(err_writer),
        ];
        let mut running = container.start(self.host, self.sandbox, stdio)?;
        let handle = running.handle();
        self.running[at] = Some(handle);
        self.states[at] = State::Starting;
        let writer = journal::Writer::open(self.place, &process.name, self.again[at] > 0)?;
        let writer = Arc::new(Mutex::new(writer));
        let readers = [(Stream::Out, out), (Stream::Err, err)].map(|(stream, reader)| {
            let relay = Relay {
                process: process.name.clone(),
                stream,
                writer: Arc::clone(&writer),
                last: Arc::clone(&self.last_lines[at]),
                sink: self.sink.clone(),
            };
            std::thread::spawn(move || relay.run(reader))
        });
        let sender = self.sender.clone();
        std::thread::spawn(move || {
            let code = running.wait().map_or(70, |exit| exit.code);
            for reader in readers {
                let _ = reader.join();
            }
            drop(container);
            let _ = sender.send(Message::Exited { at, code });
        });
        self.probe(at);
        Ok(())
    }

    pub(super) fn wanted<'b>(&'b self, process: &'b Process) -> Wanted<'b> {
        Wanted {
            image: &process.image,
            args: Some(&process.args),
            env: &process.env,
            hosts: &self.plan.hosts,
            network: self
                .network
                .as_ref()
                .map_or(Network::Host, |network| Network::Join(network.path())),
            volumes: &process.volumes,
            hostname: &process.name,
            terminal: false,
        }
    }

    fn ready(&mut self, at: usize) {
        if self.states[at] == State::Starting {
            self.states[at] = State::Ready;
            self.tell_ready(at);
        }
    }

    pub(super) fn tell_ready(&mut self, at: usize) {
        (self.sink)(Event::Ready {
            process: self.plan.processes[at].name.clone(),
            url: self.record.processes[at].url.clone(),
            millis: u64::try_from(self.began[at].elapsed().as_millis()).unwrap_or(u64::MAX),
        });
        self.started(at, Outcome::Done);
    }

    pub(super) fn exited(&mut self, at: usize, code: i32) {
        self.running[at] = None;
        let asked = self.states[at] == State::Stopping;
        let succeeded = self.plan.processes[at].kind == Kind::Job && code == 0;
        if !succeeded {
            let outcome = if asked {
                Outcome::Skipped
            } else {
                Outcome::Failed
            };
            self.started(at, outcome);
        }
        self.states[at] = State::Exited;
        self.record.processes[at].code = Some(code);
        (self.sink)(Event::Exited {
            process: self.plan.processes[at].name.clone(),
            code,
            asked,
        });
    }

    pub(super) fn ended(&self, at: usize, code: i32, was_ready: bool) -> SessionError {
        let process = self.plan.processes[at].name.clone();
        let was_ready = was_ready || self.plan.processes[at].kind == Kind::Job;
        SessionError::Exited {
            process,
            code,
            was_ready,
            last_lines: self.tail(at),
        }
    }

    fn not_ready(&mut self, at: usize, last: String) -> SessionError {
        self.started(at, Outcome::Failed);
        let process = &self.plan.processes[at];
        SessionError::NotReady {
            process: process.name.clone(),
            seconds: self.options.timeout.as_secs(),
            probe: process.ready.as_ref().map(probe::shown).unwrap_or_default(),
            last,
            last_lines: self.tail(at),
        }
    }

    fn tail(&self, at: usize) -> Vec<String> {
        self.last_lines[at]
            .lock()
            .map(|lines| lines.iter().cloned().collect())
            .unwrap_or_default()
    }
}

fn waiting(process: &Process) -> ProcessRecord {
    ProcessRecord {
        name: process.name.clone(),
        kind: process.kind,
        state: State::Waiting,
        image: process.image.to_string(),
        pid: None,
        url: None,
        code: None,
        env: process.env.clone(),
    }
}
