//! Probes answered by init: the application is asked in a process of its own, one at a time, and not for ever.

use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd, RawFd};
use std::time::Duration;

use boatyard_init::environment::Environment;
use boatyard_init::exit::Ending;
use boatyard_init::probe::{Cache, Question, Verdict};
use boatyard_init::signal::Signal;

use super::probe_server::ProbeServer;
use super::say;
use super::sibling::Sibling;
use super::sys::poll::For;
use super::sys::{pipe, process};

/// How long an answer is good.
const KEEPS: Duration = Duration::from_secs(1);

/// The server, and what is known.
pub struct Probes {
    server: ProbeServer,
    environment: Environment,
    folder: Option<OwnedFd>,
    limit: Duration,
    ready: Asked,
    alive: Asked,
}

struct Asked {
    verb: &'static str,
    cache: Cache,
    /// The process that asks, and when its time is over.
    running: Option<(i32, Duration)>,
}

impl Asked {
    fn new(verb: &'static str) -> Self {
        Self {
            verb,
            cache: Cache::new(KEEPS),
            running: None,
        }
    }
}

impl Probes {
    /// Answers at `server`; hooks run in `folder`, with this environment, for at most `limit`.
    pub fn new(
        server: ProbeServer,
        environment: Environment,
        folder: Option<OwnedFd>,
        limit: Duration,
    ) -> Self {
        Self {
            server,
            environment,
            folder,
            limit,
            ready: Asked::new("ready"),
            alive: Asked::new("alive"),
        }
    }

    /// What to wait for.
    pub fn waits(&self) -> impl Iterator<Item = (RawFd, For)> {
        self.server.waits()
    }

    /// When something has to be done all the same.
    pub fn deadline(&self) -> Option<Duration> {
        let running = [&self.ready, &self.alive];
        let running = running.iter().filter_map(|asked| Some(asked.running?.1));
        running.chain(self.server.deadline()).min()
    }

    /// Does what can be done now. While the application is being stopped it is not ready, whatever it says: requests are
    /// to go elsewhere first.
    pub fn serve(&mut self, now: Duration, is_stopping: bool, sibling: &Sibling<'_>) {
        for question in self.server.take(now) {
            if question == Question::Ready && is_stopping {
                self.server.answer(question, 503);
                continue;
            }
            let asked = match question {
                Question::Ready => &mut self.ready,
                Question::Alive => &mut self.alive,
            };
            if let Some(verdict) = asked.cache.known(now) {
                self.server.answer(question, status(verdict));
                continue;
            }
            if asked.cache.starts() {
                let folder = self.folder.as_ref().map(OwnedFd::as_fd);
                asked.running = ask(asked.verb, sibling, &self.environment, folder)
                    .map(|pid| (pid, now.saturating_add(self.limit)));
                if asked.running.is_none() {
                    self.settle(question, Verdict::Ill, now);
                }
            }
        }
        for question in [Question::Ready, Question::Alive] {
            let asked = self.asked(question);
            if let Some((pid, limit)) = asked.running
                && limit <= now
            {
                // With all that it has started: nothing piles up.
                let _ = process::kill(-pid, Signal::KILL);
                asked.running = None;
                let verb = asked.verb;
                say::warn(format_args!("the answer to {verb} did not come in time"));
                self.settle(question, Verdict::Ill, now);
            }
        }
    }

    /// A child is dead; perhaps one that asked.
    pub fn reaped(&mut self, pid: i32, ending: Ending, now: Duration) {
        for question in [Question::Ready, Question::Alive] {
            let asked = self.asked(question);
            if asked.running.is_some_and(|(asking, _)| asking == pid) {
                asked.running = None;
                let verdict = if ending.code() == 0 {
                    Verdict::Well
                } else {
                    Verdict::Ill
                };
                self.settle(question, verdict, now);
            }
        }
    }

    fn settle(&mut self, question: Question, verdict: Verdict, now: Duration) {
        self.asked(question).cache.finish(verdict, now);
        self.server.answer(question, status(verdict));
    }

    fn asked(&mut self, question: Question) -> &mut Asked {
        match question {
            Question::Ready => &mut self.ready,
            Question::Alive => &mut self.alive,
        }
    }
}

fn status(verdict: Verdict) -> u16 {
    match verdict {
        Verdict::Well => 200,
        Verdict::Ill => 503,
    }
}

fn ask(
    verb: &str,
    sibling: &Sibling<'_>,
    environment: &Environment,
    folder: Option<std::os::fd::BorrowedFd<'_>>,
) -> Option<i32> {
    // Nothing to read, and standard output is the application's.
    let empty = pipe::empty().and_then(|end| pipe::lifted(&end, 64)).ok()?;
    let streams = [(empty.as_raw_fd(), 0), (2, 1)];
    sibling.start(&[verb], environment, folder, &streams)
}
