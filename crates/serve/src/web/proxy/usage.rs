//! Who is being used. Each use is not worth writing down: one in ten seconds is, also while something long is under way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use boatyard_preview::id::Id;
use boatyard_preview::phase::Event;

use crate::web::site::Site;

/// Who is being used, and when that was last noted.
#[derive(Clone, Debug, Default)]
pub struct Usage(Arc<Mutex<BTreeMap<Id, One>>>);

#[derive(Debug, Default)]
struct One {
    /// What is under way: requests, streams, connections that became something else.
    open: usize,
    noted: Option<Instant>,
}

/// Something that is under way at an environment.
#[derive(Debug)]
pub struct Open {
    usage: Usage,
    id: Id,
}

impl Usage {
    /// Something begins.
    pub fn open(&self, id: &Id) -> Open {
        self.all().entry(*id).or_default().open += 1;
        Open {
            usage: self.clone(),
            id: *id,
        }
    }

    /// Whether its use is to be noted now; it is taken for noted then.
    fn is_due(&self, id: &Id, every: Duration, now: Instant) -> bool {
        let mut all = self.all();
        let one = all.entry(*id).or_default();
        let is_due = one
            .noted
            .is_none_or(|noted| now.saturating_duration_since(noted) >= every);
        if is_due {
            one.noted = Some(now);
        }
        is_due
    }

    /// Those at which something is under way. What is neither used nor noted lately is forgotten.
    fn used(&self, every: Duration, now: Instant) -> Vec<Id> {
        let mut all = self.all();
        all.retain(|_, one| {
            let is_recent = |noted| now.saturating_duration_since(noted) < every;
            one.open > 0 || one.noted.is_some_and(is_recent)
        });
        let open = all.iter().filter(|(_, one)| one.open > 0);
        open.map(|(id, _)| *id).collect()
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<Id, One>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(one) = self.usage.all().get_mut(&self.id) {
            one.open = one.open.saturating_sub(1);
        }
    }
}

/// Somebody uses a running environment: that is noted, if it was not just now.
pub fn used(site: &Site, id: &Id) {
    if site
        .usage()
        .is_due(id, site.settings().visitors.noted, Instant::now())
    {
        let (site, id) = (site.clone(), *id);
        // The request need not wait for it. An environment that is gone meanwhile needs no note.
        tokio::spawn(async move {
            site.keeper()
                .ask(&id, Event::Use, "visitor")
                .await
                .map(drop)
        });
    }
}

/// Notes the use of all at which something is under way, as long as the server runs.
pub async fn note_use(site: Site) {
    loop {
        let every = site.settings().visitors.noted;
        tokio::time::sleep(every).await;
        for id in site.usage().used(every, Instant::now()) {
            used(&site, &id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Usage;
    use boatyard_preview::id::Id;
    use std::time::{Duration, Instant};

    #[test]
    fn use_is_noted_once_in_a_while() {
        let id: Id = "abcdefghijklmnop".parse().expect("an id");
        let (usage, start, every) = (Usage::default(), Instant::now(), Duration::from_secs(10));
        let at = |second| start + Duration::from_secs(second);
        assert!(usage.is_due(&id, every, at(0)));
        assert!(!usage.is_due(&id, every, at(9)));
        assert!(usage.is_due(&id, every, at(10)));
        let open = usage.open(&id);
        assert_eq!(usage.used(every, at(40)), vec![id]);
        assert!(usage.is_due(&id, every, at(40)), "it goes on");
        drop(open);
        assert!(usage.used(every, at(60)).is_empty());
        assert!(usage.all().is_empty(), "what is over is forgotten");
    }
}
