//! The state and its steps.

use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::count::Counts;
use super::drain::Drain;
use super::run::{About, Fate, Note, Outcome, Run, RunId, Stage};
use super::seed::Seed;
use crate::cron::schedule::Schedule;
use crate::cron::table::Entry;
use crate::exit::Ending;
use crate::signal::Signal;

/// How long a job that was sent TERM may take.
pub(super) const TERM_GRACE: Duration = Duration::from_secs(10);

/// The longest wait before a retry.
const LONGEST_RETRY: Duration = Duration::from_secs(3600);

/// The time, twice.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// By the clock on the wall, which people set.
    pub wall: Timestamp,
    /// By a clock that nobody sets, since any fixed point.
    pub steady: Duration,
}

/// What holds for all jobs.
#[derive(Clone, Debug)]
pub struct Options {
    /// The zone of jobs that have none of their own.
    pub zone: TimeZone,
    /// Time between a stop and the exit at the latest.
    pub grace: Duration,
    /// How much time passes at least between two warnings that a job still runs.
    pub warn_every: Duration,
    /// Seed of the delays.
    pub seed: u64,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Time has passed: see [`Scheduler::wake`].
    Tick,
    /// A run ended.
    Ended(RunId, Outcome),
    /// Init is asked to stop, or again: the second time ends the jobs, the third kills them.
    Stop,
    /// There are other jobs now.
    Reload(Vec<Entry>),
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Start a run: a shell with the command, in a group of its own. If that fails, say so with [`Event::Ended`].
    Start(RunId, About),
    /// Send a signal to the group of a run.
    Send(RunId, Signal),
    /// Tell.
    Tell(Note, Option<About>),
    /// Exit with this code.
    Exit(u8),
}

/// When to step next, if nothing happens before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wake {
    /// By the clock on the wall.
    pub wall: Option<Timestamp>,
    /// By the steady clock.
    pub steady: Option<Duration>,
}

#[derive(Clone, Debug)]
pub(super) struct Job {
    pub entry: Entry,
    pub command: Rc<str>,
    pub schedule: Rc<str>,
    pub position: usize,
    pub next: Option<Timestamp>,
    pub iteration: u64,
    pub runs: Vec<Run>,
    pub queued: bool,
    /// It is no longer in the crontab; gone when its runs are.
    pub retired: bool,
    pub counts: Counts,
    /// The exit code of the last end.
    pub code: Option<u8>,
    pub warned: Option<Duration>,
}

/// The state.
#[derive(Clone, Debug)]
pub struct Scheduler {
    pub(super) options: Options,
    pub(super) jobs: Vec<Job>,
    pub(super) last: Timestamp,
    pub(super) drain: Option<Drain>,
    pub(super) actions: Vec<Action>,
    seed: Seed,
    started: u64,
    exited: bool,
}

impl Scheduler {
    /// These jobs, from now on. What is due at `@reboot` is due now.
    pub fn new(entries: Vec<Entry>, options: Options, now: Now) -> Self {
        let mut scheduler = Self {
            seed: Seed::new(options.seed),
            options,
            jobs: Vec::new(),
            last: now.wall,
            drain: None,
            actions: Vec::new(),
            started: 0,
            exited: false,
        };
        for (position, entry) in entries.into_iter().enumerate() {
            let mut job = scheduler.job(entry, position, now);
            if job.entry.schedule == Schedule::Reboot {
                job.next = Some(now.wall);
            }
            scheduler.jobs.push(job);
        }
        scheduler
    }

    /// Takes an event and tells what to do, in this order.
    pub fn step(&mut self, event: Event, now: Now) -> Vec<Action> {
        match event {
            Event::Tick => {}
            Event::Ended(run, outcome) => self.ended(run, outcome, now),
            Event::Stop => self.stop(now),
            Event::Reload(entries) => self.reload(entries, now),
        }
        self.tick(now);
        self.jobs.retain(|job| !job.retired || !job.runs.is_empty());
        if let Some(drain) = &self.drain
            && !self.exited
            && self.jobs.iter().all(|job| job.runs.is_empty())
        {
            self.exited = true;
            self.actions.push(Action::Exit(drain.code()));
        }
        std::mem::take(&mut self.actions)
    }

    /// When to step next.
    pub fn wake(&self) -> Wake {
        let wall = self
            .jobs
            .iter()
            .filter(|job| self.drain.is_none() || !job.runs.is_empty())
            .filter_map(|job| job.next)
            .min();
        let stages = self.jobs.iter().flat_map(|job| &job.runs);
        let steady = stages.filter_map(|run| match run.stage {
            Stage::Delayed { until } => Some(until),
            Stage::Running { limit } => limit,
            Stage::Ending { kill_at } => Some(kill_at),
            Stage::Killed => None,
        });
        let drain = self.drain.as_ref().and_then(Drain::due);
        Wake {
            wall,
            steady: steady.chain(drain).min(),
        }
    }

    /// The jobs of the crontab in order: which, what was counted, how many run.
    pub fn counts(&self) -> impl Iterator<Item = (About, &Counts, usize)> {
        self.jobs.iter().filter(|job| !job.retired).map(|job| {
            let running = job
                .runs
                .iter()
                .filter(|run| !matches!(run.stage, Stage::Delayed { .. }));
            (job.about(job.iteration), &job.counts, running.count())
        })
    }

    pub(super) fn job(&mut self, entry: Entry, position: usize, now: Now) -> Job {
        let zone = entry.zone.as_ref().unwrap_or(&self.options.zone);
        let job = Job {
            command: entry.command.as_str().into(),
            schedule: entry.text.as_str().into(),
            position,
            next: entry.schedule.next(now.wall, zone),
            iteration: 0,
            runs: Vec::new(),
            queued: false,
            retired: false,
            counts: Counts::default(),
            code: None,
            warned: None,
            entry,
        };
        self.tell(Note::Next { at: job.next }, Some(job.about(0)));
        job
    }

    pub(super) fn tell(&mut self, note: Note, about: Option<About>) {
        self.actions.push(Action::Tell(note, about));
    }

    /// A new run of a job, after its delay.
    pub(super) fn begin(&mut self, index: usize, due: Timestamp, now: Now) {
        let id = RunId(self.started);
        let Some(job) = self.jobs.get_mut(index) else {
            return;
        };
        self.started += 1;
        let delay = self.seed.up_to(job.entry.rules.splay);
        let about = job.about(job.iteration);
        job.iteration += 1;
        job.runs.push(Run {
            id,
            about,
            attempt: 0,
            stage: Stage::Delayed {
                until: now.steady.saturating_add(delay),
            },
            since: now.steady,
            due,
            missed: None,
            fate: Fate::Own,
        });
    }

    fn ended(&mut self, id: RunId, outcome: Outcome, now: Now) {
        let found = self.jobs.iter_mut().enumerate().find_map(|(index, job)| {
            let at = job.runs.iter().position(|run| run.id == id)?;
            Some((index, job.runs.remove(at), job))
        });
        let Some((index, mut run, job)) = found else {
            return;
        };
        let succeeded = outcome == Outcome::Ended(Ending::Exited(0));
        job.counts
            .ended(succeeded, now.steady.saturating_sub(run.since));
        job.code = match outcome {
            Outcome::Ended(ending) => Some(ending.code()),
            Outcome::NotStarted => None,
        };
        let about = run.about.clone();
        let note = if succeeded {
            Note::Succeeded
        } else {
            Note::Failed(outcome)
        };
        let rules = &job.entry.rules;
        let retry = !succeeded
            && run.attempt < rules.retries
            && !job.retired
            && !job.queued
            && self.drain.is_none()
            && matches!(run.fate, Fate::Own | Fate::TooLong);
        let next = job.queued && job.runs.is_empty() && self.drain.is_none() && !job.retired;
        self.actions.push(Action::Tell(note, Some(about.clone())));
        let missed = run
            .missed
            .and_then(|due| Duration::try_from(now.wall.duration_since(due)).ok());
        if let Some(ago) = missed {
            self.actions
                .push(Action::Tell(Note::TookTooLong { ago }, Some(about.clone())));
        }
        if retry {
            let factor = 2_u32.saturating_pow(run.attempt.min(20));
            let after = rules.retry_delay.saturating_mul(factor).min(LONGEST_RETRY);
            job.counts.retries += 1;
            run.attempt += 1;
            (run.fate, run.missed) = (Fate::Own, None);
            run.stage = Stage::Delayed {
                until: now.steady.saturating_add(after),
            };
            job.runs.push(run);
            self.tell(Note::Retrying { after }, Some(about));
        } else if next {
            job.queued = false;
            self.begin(index, now.wall, now);
        }
    }
}

impl Job {
    pub(super) fn about(&self, iteration: u64) -> About {
        About {
            command: Rc::clone(&self.command),
            schedule: Rc::clone(&self.schedule),
            position: self.position,
            iteration,
        }
    }
}
