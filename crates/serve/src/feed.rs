//! What has changed, in order, for whoever looks: each change has a number, the last few thousand are kept, and who was away asks
//! for what came after the last that he saw. A slow reader holds nothing up and nothing is kept for him.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock};

use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::time::Time;
use tokio::sync::watch;

/// Something that is different now.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its number: one more than that of the change before.
    pub number: u64,
    /// When.
    pub at: Time,
    /// The environment.
    pub id: Id,
    /// What it is now; none: it is gone.
    pub environment: Option<Arc<Environment>>,
    /// What it was, if it is gone.
    pub was: Option<Arc<Environment>>,
    /// Why, in words.
    pub why: String,
    /// Who wanted it: `boatyard`, a forge, or the name of a person.
    pub by: String,
}

/// What was asked for is not kept any more: the reader has to begin again with all that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOld;

/// The last changes.
#[derive(Debug)]
pub struct Feed {
    kept: RwLock<VecDeque<Arc<Change>>>,
    limit: usize,
    last: watch::Sender<u64>,
}

impl Feed {
    /// A feed that goes on after `last` and keeps `limit` changes (at least one).
    pub fn after(last: u64, limit: usize) -> Self {
        Self {
            kept: RwLock::default(),
            limit: limit.max(1),
            last: watch::channel(last).0,
        }
    }

    /// Adds changes; their numbers follow the last.
    pub fn publish(&self, changes: Vec<Change>) {
        let Some(last) = changes.last().map(|change| change.number) else {
            return;
        };
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.extend(changes.into_iter().map(Arc::new));
        let excess = kept.len().saturating_sub(self.limit);
        kept.drain(..excess);
        drop(kept);
        self.last.send_replace(last);
    }

    /// The number of the last change.
    pub fn last(&self) -> u64 {
        *self.last.borrow()
    }

    /// Wakes up when there are more.
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }

    /// What came after the change of that number, oldest first, at most `limit` of them.
    ///
    /// # Errors
    /// If some of it is no longer kept, or the number has never been given.
    pub fn since(&self, number: u64, limit: usize) -> Result<Vec<Arc<Change>>, TooOld> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let Some(first) = kept.front().map(|change| change.number) else {
            return if number == self.last() {
                Ok(Vec::new())
            } else {
                Err(TooOld)
            };
        };
        let last = first + kept.len() as u64 - 1;
        if number.saturating_add(1) < first || number > last {
            return Err(TooOld);
        }
        let skip = usize::try_from(number + 1 - first).unwrap_or(usize::MAX);
        Ok(kept.iter().skip(skip).take(limit).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, Feed, TooOld};
    use boatyard_preview::id::Id;
    use boatyard_preview::time::Time;

    fn change(number: u64) -> Change {
        let id: Id = "abcdefghijklmnop".parse().expect("an id");
        let (environment, why, by) = (None, String::new(), String::new());
        Change {
            number,
            at: Time(number),
            id,
            environment,
            was: None,
            why,
            by,
        }
    }

    fn numbers(feed: &Feed, number: u64, limit: usize) -> Result<Vec<u64>, TooOld> {
        let changes = feed.since(number, limit)?;
        Ok(changes.iter().map(|change| change.number).collect())
    }

    #[test]
    fn who_was_away_goes_on_where_he_was() {
        let feed = Feed::after(7, 3);
        assert_eq!(numbers(&feed, 7, 9), Ok(vec![]), "nothing new");
        assert_eq!(numbers(&feed, 6, 9), Err(TooOld), "of an earlier run");
        feed.publish((8..12).map(change).collect());
        assert_eq!(feed.last(), 11);
        assert_eq!(numbers(&feed, 8, 9), Ok(vec![9, 10, 11]));
        assert_eq!(numbers(&feed, 8, 2), Ok(vec![9, 10]), "in portions");
        assert_eq!(numbers(&feed, 11, 9), Ok(vec![]));
        assert_eq!(numbers(&feed, 7, 9), Err(TooOld), "8 is dropped");
        assert_eq!(numbers(&feed, 12, 9), Err(TooOld), "never given");
        assert_eq!(numbers(&feed, u64::MAX, 9), Err(TooOld), "rubbish");
    }
}
