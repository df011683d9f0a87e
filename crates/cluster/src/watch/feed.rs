//! Changes of one kind, for ever.
//!
//! `kube::runtime::watcher` does the same, but waits for ever where a list or the begin of a watch is not answered, and tells nothing
//! of its restarts.

use std::fmt::Debug;
use std::mem;
use std::time::Duration;

use futures_util::stream::{BoxStream, unfold};
use futures_util::{Stream, StreamExt as _};
use kube::api::Api;
use kube::core::WatchEvent;
use kube::runtime::watcher::Event;
use kube::{Resource, ResourceExt as _};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep, timeout};

use super::figures::Meter;
use super::pause::{LONGEST, pause};
use super::wanted::{First, Wanted};
use crate::refusal::Said;
use crate::retry::{Limits, within};

/// What the server says at the end of the first list (Kubernetes API concepts, "Streaming lists").
const WHOLE: &str = "k8s.io/initial-events-end";

/// What is there of a kind, then what changes. An error is one that asking again does not change: we may not look, or are not
/// known; that is tried again from the beginning. All else is tried again where it was, and counted by `meter`.
pub fn feed<K>(
    api: Api<K>,
    wanted: Wanted,
    limits: Limits,
    meter: Meter,
) -> impl Stream<Item = Result<Event<K>, Said>> + Send
where
    K: Resource + Clone + Debug + DeserializeOwned + Send + 'static,
{
    let feed = Feed {
        api,
        wanted,
        limits,
        meter,
        state: State::Begin,
        failing: None,
        pause: None,
        anew: None,
    };
    unfold(feed, |mut feed| async {
        let event = feed.next().await;
        Some((event, feed))
    })
}

struct Feed<K> {
    api: Api<K>,
    wanted: Wanted,
    limits: Limits,
    meter: Meter,
    state: State<K>,
    /// Since when it fails.
    failing: Option<Instant>,
    /// Before the next step.
    pause: Option<Duration>,
    /// When it was begun anew last, because the server knew nothing so old.
    anew: Option<Instant>,
}

type Changes<K> = BoxStream<'static, kube::Result<WatchEvent<K>>>;

enum State<K> {
    /// Nothing is known.
    Begin,
    /// Objects of a page; then the page after `rest`, or none is left.
    Page {
        objects: std::vec::IntoIter<K>,
        rest: Rest,
    },
    /// The first objects, one by one.
    Coming(Changes<K>),
    /// All is known up to this version.
    Known(String),
    /// The same, and what comes after it is told.
    Watching {
        version: String,
        changes: Changes<K>,
        since: Instant,
    },
}

enum Rest {
    Page(Option<String>),
    None(String),
}

impl<K> Feed<K>
where
    K: Resource + Clone + Debug + DeserializeOwned + Send + 'static,
{
    async fn next(&mut self) -> Result<Event<K>, Said> {
        loop {
            if let Some(pause) = self.pause.take() {
                sleep(pause).await;
            }
            match self.step().await {
                Ok(Some(event)) => return Ok(event),
                Ok(None) => {}
                Err(said) => {
                    self.meter.failed(&said);
                    let since = *self.failing.get_or_insert_with(Instant::now);
                    self.pause = Some(pause(since.elapsed()));
                    if is_gone(&said) && self.is_first() {
                        // The server is well: all is to be had again at once.
                        self.pause = None;
                    }
                    if is_lasting(&said) {
                        // Who may look again lists from the beginning: whoever was told is told that, too.
                        self.state = State::Begin;
                        return Err(said);
                    }
                }
            }
        }
    }

    /// Whether it has not been begun anew for a while.
    fn is_first(&mut self) -> bool {
        let before = self.anew.replace(Instant::now());
        before.is_none_or(|before| before.elapsed() > LONGEST)
    }

    /// One call, or one thing that came. After an error the state is the one to go on from.
    async fn step(&mut self) -> Result<Option<Event<K>>, Said> {
        match mem::replace(&mut self.state, State::Begin) {
            State::Begin => self.begin().await,
            State::Page { mut objects, rest } => {
                if let Some(object) = objects.next() {
                    self.state = State::Page { objects, rest };
                    return Ok(Some(Event::InitApply(object)));
                }
                match rest {
                    Rest::Page(token) => self.page(token).await.map(|()| None),
                    Rest::None(version) => {
                        self.state = State::Known(version);
                        Ok(Some(Event::InitDone))
                    }
                }
            }
            State::Coming(changes) => self.coming(changes).await,
            State::Known(version) => {
                let params = self.wanted.watch(self.limits);
                let watched = self.api.watch(&params, &version);
                let watched = within(self.limits.answer, watched).await;
                let changes = self.or_known(&version, watched)?;
                self.meter.watched();
                self.state = State::Watching {
                    version,
                    changes: changes.boxed(),
                    since: Instant::now(),
                };
                Ok(None)
            }
            State::Watching {
                version,
                changes,
                since,
            } => self.watching(version, changes, since).await,
        }
    }

    async fn begin(&mut self) -> Result<Option<Event<K>>, Said> {
        self.state = match self.wanted.first {
            First::Listed => State::Page {
                objects: Vec::new().into_iter(),
                rest: Rest::Page(None),
            },
            First::Streamed => {
                let params = self.wanted.all();
                let asked = within(self.limits.answer, self.api.watch(&params, "0"));
                match asked.await {
                    Ok(changes) => State::Coming(changes.boxed()),
                    Err(Said::Server {
                        code: 400 | 422, ..
                    }) => {
                        self.wanted.first = First::Listed;
                        return Ok(None);
                    }
                    Err(said) => return Err(said),
                }
            }
        };
        Ok(Some(Event::Init))
    }

    async fn page(&mut self, token: Option<String>) -> Result<(), Said> {
        let params = self.wanted.page(token);
        let list = within(self.limits.answer, self.api.list(&params)).await?;
        self.meter.heard();
        let rest = list.metadata.continue_.filter(|token| !token.is_empty());
        let rest = match (rest, list.metadata.resource_version) {
            (Some(token), _) => Rest::Page(Some(token)),
            (None, Some(version)) => {
                self.meter.listed();
                Rest::None(version)
            }
            (None, None) => return Err(no_version()),
        };
        let objects = list.items.into_iter();
        self.state = State::Page { objects, rest };
        Ok(())
    }

    async fn coming(&mut self, mut changes: Changes<K>) -> Result<Option<Event<K>>, Said> {
        let event = match self.heard(&mut changes).await? {
            Some(WatchEvent::Added(object) | WatchEvent::Modified(object)) => {
                Some(Event::InitApply(object))
            }
            Some(WatchEvent::Bookmark(mark)) => {
                if mark.metadata.annotations.contains_key(WHOLE) {
                    self.meter.listed();
                    self.state = State::Known(mark.metadata.resource_version);
                    return Ok(Some(Event::InitDone));
                }
                None
            }
            Some(WatchEvent::Deleted(_)) => None,
            Some(WatchEvent::Error(status)) => return Err(Said::from(*status.boxed())),
            None => return Err(ended()),
        };
        self.state = State::Coming(changes);
        Ok(event)
    }

    async fn watching(
        &mut self,
        mut version: String,
        mut changes: Changes<K>,
        since: Instant,
    ) -> Result<Option<Event<K>>, Said> {
        let heard = self.heard(&mut changes).await;
        if since.elapsed() > LONGEST {
            // Nothing may have happened: it was heard all the same.
            self.failing = None;
        }
        let heard = heard.inspect_err(|_| self.meter.broke());
        let event = match self.or_known(&version, heard)? {
            None => {
                self.state = State::Known(version);
                if since.elapsed() + Duration::from_secs(1) < self.limits.watch {
                    self.meter.broke();
                    return Err(ended());
                }
                self.failing = None;
                return Ok(None);
            }
            Some(WatchEvent::Error(status)) => {
                self.meter.broke();
                let said = Err(Said::from(*status.boxed()));
                return self.or_known(&version, said);
            }
            Some(WatchEvent::Bookmark(mark)) => {
                self.meter.marked();
                version = mark.metadata.resource_version;
                None
            }
            Some(WatchEvent::Added(object) | WatchEvent::Modified(object)) => {
                self.meter.changed();
                version = object.resource_version().ok_or_else(no_version)?;
                Some(Event::Apply(object))
            }
            Some(WatchEvent::Deleted(object)) => {
                self.meter.changed();
                version = object.resource_version().ok_or_else(no_version)?;
                Some(Event::Delete(object))
            }
        };
        self.failing = None;
        self.state = State::Watching {
            version,
            changes,
            since,
        };
        Ok(event)
    }

    /// What comes next; none: it has ended. What says nothing for longer than the server leaves it open is dead.
    async fn heard(&mut self, changes: &mut Changes<K>) -> Result<Option<WatchEvent<K>>, Said> {
        let limit = self.limits.silence();
        let Ok(next) = timeout(limit, changes.next()).await else {
            let message = format!("nothing came for {} s", limit.as_secs());
            return Err(Said::Unreached { message });
        };
        let next = next.transpose()?;
        if next.is_some() {
            self.meter.heard();
        }
        Ok(next)
    }

    /// Goes on from `version` after an error, except after the one that says that it is too old.
    fn or_known<T>(&mut self, version: &str, answer: Result<T, Said>) -> Result<T, Said> {
        match &answer {
            Ok(_) => {}
            Err(said) if is_gone(said) => self.meter.gone(),
            Err(_) => self.state = State::Known(version.to_owned()),
        }
        answer
    }
}

fn no_version() -> Said {
    Said::Unreached {
        message: "the answer has no metadata.resourceVersion".to_owned(),
    }
}

/// Whether it knows nothing so old any more.
fn is_gone(said: &Said) -> bool {
    matches!(said, Said::Server { code: 410, .. })
}

fn ended() -> Said {
    Said::Unreached {
        message: "the watch was closed".to_owned(),
    }
}

/// What is not gone over by asking again: we may not look, or are not known.
fn is_lasting(said: &Said) -> bool {
    matches!(
        said,
        Said::Server {
            code: 401 | 403,
            ..
        }
    )
}
