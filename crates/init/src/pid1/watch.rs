//! The loop: waits for signals, reaps, and does what the life of the main process demands. It sleeps in one system
//! call until something happens.

use std::io;
use std::time::Duration;

use boatyard_init::exit::{self, Ending};
use boatyard_init::life::{Action, Event, Life, Recipient};
use boatyard_init::persona::{Moment, Voice, words_of_signal};
use boatyard_init::signal::Signal;

use super::beside::Beside;
use super::family::{self, Reach};
use super::say;
use super::sibling::Sibling;
use super::sys::clock;
use super::sys::poll::{self, For};
use super::sys::process::{self, Child};
use super::sys::signals::{self, Signals};
use super::sys::terminal::Terminal;
use boatyard_pages as pages;

/// How long after the start the program's pages are let go.
const SETTLES: Duration = Duration::from_millis(200);

/// What the loop watches with.
pub struct Watch<'a> {
    /// Where signals come from.
    pub signals: &'a Signals,
    /// The main process.
    pub main: i32,
    /// Who can be reached.
    pub reach: Reach,
    /// The terminal that the main process got, if it got one.
    pub terminal: Option<&'a Terminal>,
    /// Who tells what happens.
    pub voice: Voice,
    /// What init does beside.
    pub beside: Beside,
    /// How it starts itself for that.
    pub sibling: Sibling<'a>,
}

impl Watch<'_> {
    /// Watches until it is time to exit; returns the exit code.
    pub fn until_exit(mut self, mut life: Life) -> u8 {
        let mut failure = None;
        // At first without waiting: what ran before may have left dead children and no signal of them.
        let mut timeout = Some(Duration::ZERO);
        // A main process that ends soon is not kept waiting for what pays in the long run.
        let mut settles = Some(clock::now().saturating_add(SETTLES));
        loop {
            let received = match self.wait(timeout) {
                Ok(received) => received,
                Err(error) => {
                    say::warn(format_args!("cannot wait for signals: {error}"));
                    return exit::SYSTEM;
                }
            };
            let now = clock::now();
            // Forwarding comes before reaping: a signal waits for nothing, and a process id is not free again before it is reaped.
            let mut events = Vec::new();
            for signal in received {
                if signal == Signal::CHLD {
                    self.tell(Moment::ChildChanged);
                } else {
                    events.push(Event::Received(signal));
                }
            }
            let mut end = self.act(events, &mut life, now);
            let mut events = self.reap();
            let is_drained = matches!(events.last(), Some(Event::Drained { .. }));
            if let Some(code) = self.of_others(&events, now) {
                failure.get_or_insert(code);
                events.push(Event::Received(Signal::TERM));
            }
            let told = self.beside.answer(now, self.main, life.is_stopping());
            events.extend(told.into_iter().map(Event::Received));
            if life.deadline().is_some_and(|deadline| deadline <= now) {
                events.push(Event::Deadline);
            }
            end = end.or_else(|| self.act(events, &mut life, now));
            if let Some(code) = end {
                self.beside.finish();
                return failure.unwrap_or(code);
            }
            if let Some(probes) = &mut self.beside.probes {
                probes.serve(now, life.is_stopping(), &self.sibling);
            }
            self.beside.flow(now);
            let has_settled = settles.take_if(|settles| *settles <= now).is_some();
            if has_settled {
                pages::divide(pages::QUICK);
                pages::let_go();
                self.rehearse(&life, now);
            }
            let deadlines = [settles, life.deadline(), self.beside.deadline()];
            let next = deadlines.into_iter().flatten().min();
            timeout = if is_drained && !has_settled {
                next.map(|deadline| deadline.saturating_sub(clock::now()))
            } else {
                Some(Duration::ZERO)
            };
        }
    }

    /// Does what follows from what happened. Gives the exit code if that is the end.
    fn act(&self, events: Vec<Event>, life: &mut Life, now: Duration) -> Option<u8> {
        for event in events {
            if let Event::Received(signal) = event
                && self.voice != Voice::Boatyard
            {
                let words = &words_of_signal(signal);
                self.tell(Moment::Forwarding { signal, words });
            }
            for action in life.step(event, now) {
                match action {
                    Action::Send(signal, recipient) => self.send(signal, recipient),
                    Action::Suspend => self.suspend(),
                    Action::Exit(code) => return Some(code),
                }
            }
        }
        None
    }

    /// Walks the way of a TERM, which makes its pages present: the first one would wait for each of them. Nobody is sent anything.
    fn rehearse(&self, life: &Life, now: Duration) {
        let actions = life.clone().step(Event::Received(Signal::TERM), now);
        if !actions.is_empty() {
            process::is_missing(self.main);
        }
    }

    /// Waits until something happens; gives the signals that have come.
    fn wait(&self, timeout: Option<Duration>) -> io::Result<Vec<Signal>> {
        let mut what = vec![(self.signals.fd(), For::Reading)];
        self.beside.add_waits(&mut what);
        if what.len() == 1 {
            return Ok(signals::wait(timeout)?.into_iter().collect());
        }
        match poll::wait(&what, timeout)?.first() {
            Some(true) => self.signals.read(),
            _ => Ok(Vec::new()),
        }
    }

    /// The ends of processes beside the main one. Gives the exit code if that of one ends all.
    fn of_others(&mut self, events: &[Event], now: Duration) -> Option<u8> {
        let mut failure = None;
        for event in events {
            let &Event::Reaped { pid, ending } = event else {
                continue;
            };
            if let Some(probes) = &mut self.beside.probes {
                probes.reaped(pid, ending, now);
            }
            if let Some((_, is_strict)) = self
                .beside
                .after_start
                .take_if(|(beside, _)| *beside == pid)
                && ending.code() != 0
            {
                let code = ending.code();
                say::warn(format_args!("post_deploy failed with exit code {code}"));
                failure = is_strict.then_some(code);
            }
        }
        failure
    }

    /// Reaps children that are dead: one CHLD may stand for many of them. Gives what happened to those that somebody waits for:
    /// there may be a storm of others. Where it is not said that all are reaped, there may be more.
    fn reap(&self) -> Vec<Event> {
        let mut events = Vec::new();
        let mut reaped = 0;
        let mut is_over = false;
        // Once the main process is gone no signal is for anybody, and all that died with it is reaped.
        while reaped < process::BATCH || is_over {
            match process::reap() {
                Child::Dead { pid, ending } => {
                    reaped += 1;
                    is_over |= pid == self.main;
                    if self.voice != Voice::Boatyard {
                        self.tell_of_end(pid, ending);
                    }
                    if pid == self.main || self.beside.has_processes() {
                        events.push(Event::Reaped { pid, ending });
                    }
                }
                Child::Suspended { pid } => events.push(Event::Suspended { pid }),
                Child::Alive => {
                    events.push(Event::Drained { living: true });
                    return events;
                }
                Child::None => {
                    events.push(Event::Drained { living: false });
                    return events;
                }
            }
        }
        events
    }

    fn tell_of_end(&self, pid: i32, ending: Ending) {
        let words = match ending {
            Ending::Killed(signal) => words_of_signal(signal),
            Ending::Exited(_) => String::new(),
        };
        self.tell(Moment::Reaped {
            pid,
            ending,
            words: &words,
            is_main: pid == self.main,
        });
    }

    fn tell(&self, moment: Moment<'_>) {
        if let Some(said) = self.voice.at(moment) {
            say::said(&said);
        }
    }

    /// Stops init, so that the shell that started it takes over, and takes its place again afterwards.
    fn suspend(&self) {
        process::suspend();
        if let Some(terminal) = self.terminal {
            terminal.hand_on_to(self.main);
        }
    }

    fn send(&self, signal: Signal, recipient: Recipient) {
        match (recipient, self.reach) {
            (Recipient::Main, _) => self.deliver(signal, self.main),
            (Recipient::Group, _) | (Recipient::All, Reach::Nobody) => {
                self.deliver(signal, -self.main);
            }
            (Recipient::All, Reach::Namespace) => self.deliver(signal, -1),
            (Recipient::All, Reach::Family) => {
                for pid in family::descendants(process::id()) {
                    self.deliver(signal, pid);
                }
            }
        }
    }

    /// Sends a signal. A process that is gone is none of our business; one that may not be signalled (it has changed
    /// its user) is told of, and init goes on.
    fn deliver(&self, signal: Signal, to: i32) {
        let Err(error) = process::kill(to, signal) else {
            return;
        };
        let says_nothing = matches!(self.voice, Voice::DumbInit { .. });
        if error.raw_os_error() == Some(libc::ESRCH) || says_nothing {
            return;
        }
        let whom = match to {
            -1 => "all processes".to_owned(),
            group if group < 0 => format!("process group {}", -group),
            pid => format!("process {pid}"),
        };
        say::warn(format_args!("cannot send {signal} to {whom}: {error}"));
    }
}
