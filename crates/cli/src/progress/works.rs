//! The pieces of work of one run, as the events tell them.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use boatyard_plan::event::{Event, Outcome, Unit};

use super::clean::{Keep, clean};

/// How many last lines of a step are kept: what a failed step shows.
const TAIL: usize = 30;

/// All pieces of work, in the order in which they began.
#[derive(Debug, Default)]
pub struct Works {
    works: Vec<Work>,
    by_id: HashMap<String, usize>,
}

/// A piece of work.
#[derive(Debug)]
pub struct Work {
    /// Unique in one run.
    pub id: String,
    /// The id of what it is a part of. That may begin later than this.
    parent: Option<String>,
    /// One line for people.
    pub title: String,
    /// When it began.
    pub began: Duration,
    /// How it ended, if it has.
    pub end: Option<End>,
    /// How far it is.
    pub counter: Option<Counter>,
    /// Its last lines, at most thirty, without escape sequences.
    pub tail: VecDeque<String>,
    /// Whether it is in the scrollback already, with all its parts.
    pub settled: bool,
}

/// How a piece of work ended.
#[derive(Clone, Copy, Debug)]
pub struct End {
    /// How.
    pub outcome: Outcome,
    /// How long it took.
    pub took: Duration,
    /// Size of what it made, bytes.
    pub size_bytes: Option<u64>,
}

/// How far a piece of work is.
#[derive(Clone, Debug)]
pub struct Counter {
    /// Units done.
    pub done: u64,
    /// Units in all.
    pub total: Option<u64>,
    /// What is counted.
    pub unit: Unit,
    /// What it is at.
    pub note: String,
}

impl Works {
    /// Takes in an event; events that are not about work change nothing.
    pub fn apply(&mut self, event: &Event, now: Duration) {
        match event {
            Event::Started { id, parent, title } => {
                let work = self.entry(id, now);
                *work = Work::begin(id, now);
                work.title = clean(title, Keep::Text);
                work.parent.clone_from(parent);
            }
            Event::Progress {
                id,
                done,
                total,
                unit,
                note,
            } => {
                self.entry(id, now).counter = Some(Counter {
                    done: *done,
                    total: *total,
                    unit: *unit,
                    note: clean(note, Keep::Text),
                });
            }
            Event::Output { id, line } => {
                let tail = &mut self.entry(id, now).tail;
                if tail.len() == TAIL {
                    tail.pop_front();
                }
                tail.push_back(clean(line, Keep::Text));
            }
            Event::Finished {
                id,
                outcome,
                millis,
                size_bytes,
            } => {
                let work = self.entry(id, now);
                // What a process says stands in its log.
                work.settled |= is_start(id);
                work.end = Some(End {
                    outcome: *outcome,
                    took: Duration::from_millis(*millis),
                    size_bytes: *size_bytes,
                });
            }
            // Its line of the log says so; a tree that keeps every start would soon be all that is seen.
            Event::Ready {
                process, millis, ..
            } => self.started(process, Outcome::Done, Duration::from_millis(*millis)),
            Event::Exited {
                process,
                code,
                asked,
            } => {
                let outcome = if *code == 0 || *asked {
                    Outcome::Done
                } else {
                    Outcome::Failed
                };
                self.started(process, outcome, Duration::ZERO);
            }
            _ => {}
        }
    }

    /// What the work with this id is.
    pub fn title(&self, id: &str) -> &str {
        let index = self.by_id.get(id);
        index.map_or("", |&index| &self.works[index].title)
    }

    /// Works that are part of `parent`, or of nothing, in order, each with its index.
    pub fn parts(&self, parent: Option<usize>) -> impl Iterator<Item = (usize, &Work)> {
        let works = self.works.iter().enumerate();
        works.filter(move |(index, _)| self.parent(*index) == parent)
    }

    /// What a work is a part of. A work is never its own ancestor, whatever an engine says: the tree would not end.
    fn parent(&self, index: usize) -> Option<usize> {
        let above = |index: usize| {
            let id = self.works[index].parent.as_ref()?;
            self.by_id.get(id).copied()
        };
        let parent = above(index)?;
        let mut ancestor = Some(parent);
        for _ in 0..self.works.len() {
            match ancestor {
                None => return Some(parent),
                Some(ancestor) if ancestor == index => return None,
                Some(next) => ancestor = above(next),
            }
        }
        None
    }

    /// Whether anything is under way.
    pub fn any_running(&self) -> bool {
        self.works.iter().any(|work| work.end.is_none())
    }

    /// Marks the works that have ended as being in the scrollback.
    pub fn settle(&mut self) {
        for work in &mut self.works {
            work.settled |= work.end.is_some();
        }
    }

    /// Works that failed by themselves: none of their parts did.
    pub fn failed(&self) -> impl Iterator<Item = &Work> {
        let works = self.works.iter().enumerate();
        works
            .filter(|(index, work)| {
                // A process that failed to start has said why in its log.
                let is_start = is_start(&work.id);
                let failed_part = || self.parts(Some(*index)).any(|(_, part)| part.has_failed());
                work.has_failed() && !is_start && !failed_part()
            })
            .map(|(_, work)| work)
    }

    /// Ends the start of a process, which the log has told.
    fn started(&mut self, process: &str, outcome: Outcome, took: Duration) {
        if let Some(&index) = self.by_id.get(&format!("up/{process}")) {
            let work = &mut self.works[index];
            work.settled = true;
            work.end.get_or_insert(End {
                outcome,
                took,
                size_bytes: None,
            });
        }
    }

    fn entry(&mut self, id: &str, now: Duration) -> &mut Work {
        let index = *self.by_id.entry(id.to_owned()).or_insert_with(|| {
            self.works.push(Work::begin(id, now));
            self.works.len() - 1
        });
        &mut self.works[index]
    }
}

/// Whether the work is the start of a process.
pub fn is_start(id: &str) -> bool {
    id.starts_with("up/")
}

impl Work {
    fn begin(id: &str, now: Duration) -> Self {
        Self {
            id: id.to_owned(),
            parent: None,
            title: id.to_owned(),
            began: now,
            end: None,
            counter: None,
            tail: VecDeque::new(),
            settled: false,
        }
    }

    /// Whether it failed.
    pub fn has_failed(&self) -> bool {
        self.ended_as(Outcome::Failed)
    }

    /// Whether it ended in this way.
    pub fn ended_as(&self, outcome: Outcome) -> bool {
        self.end.is_some_and(|end| end.outcome == outcome)
    }
}
