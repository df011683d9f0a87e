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
    /// What it is a part of: an index into the works.
    pub parent: Option<usize>,
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
                let parent = parent.as_ref().and_then(|id| self.by_id.get(id)).copied();
                let work = self.entry(id, now);
                // A piece of work is never its own ancestor, whatever an engine says: the tree would not end.
                let index = work.0;
                let parent = parent.filter(|&parent| parent < index);
                *work.1 = Work::begin(id, now);
                work.1.title = clean(title, Keep::Text);
                work.1.parent = parent;
            }
            Event::Progress {
                id,
                done,
                total,
                unit,
                note,
            } => {
                self.entry(id, now).1.counter = Some(Counter {
                    done: *done,
                    total: *total,
                    unit: *unit,
                    note: clean(note, Keep::Text),
                });
            }
            Event::Output { id, line } => {
                let tail = &mut self.entry(id, now).1.tail;
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
                self.entry(id, now).1.end = Some(End {
                    outcome: *outcome,
                    took: Duration::from_millis(*millis),
                    size_bytes: *size_bytes,
                });
            }
            _ => {}
        }
    }

    /// Works that are part of `parent`, or of nothing, in order, each with its index.
    pub fn parts(&self, parent: Option<usize>) -> impl Iterator<Item = (usize, &Work)> {
        let works = self.works.iter().enumerate();
        works.filter(move |(_, work)| work.parent == parent)
    }

    /// Whether anything is under way.
    pub fn any_running(&self) -> bool {
        self.works.iter().any(|work| work.end.is_none())
    }

    /// Marks the works that are part of nothing and have ended as being in the scrollback.
    pub fn settle(&mut self) {
        for work in &mut self.works {
            work.settled |= work.parent.is_none() && work.end.is_some();
        }
    }

    /// Works that failed by themselves: none of their parts did.
    pub fn failed(&self) -> impl Iterator<Item = &Work> {
        let works = self.works.iter().enumerate();
        works
            .filter(|(index, work)| {
                work.has_failed() && !self.parts(Some(*index)).any(|(_, part)| part.has_failed())
            })
            .map(|(_, work)| work)
    }

    fn entry(&mut self, id: &str, now: Duration) -> (usize, &mut Work) {
        let index = if let Some(&index) = self.by_id.get(id) {
            index
        } else {
            self.works.push(Work::begin(id, now));
            self.by_id.insert(id.to_owned(), self.works.len() - 1);
            self.works.len() - 1
        };
        (index, &mut self.works[index])
    }
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
