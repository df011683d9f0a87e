//! Streams of what changes, as Server-Sent Events have it. Nothing is kept for a reader: each goes through the feed at its own
//! pace, and who falls behind what is kept is told to begin anew. No stream goes on for ever: who opened it may since have lost the
//! right to see it, and when it ends, its reader asks again.
//!
//! Source: WHATWG HTML, "Server-sent events".

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt as _, stream};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, sleep, sleep_until};

use super::problem::Problem;
use super::site::Site;
use crate::feed::Change;

/// How long a stream is open.
pub const LASTS: Duration = Duration::from_secs(15 * 60);
/// Between signs of life.
const BEAT: Duration = Duration::from_secs(15);
/// Changes that are read at once.
const PORTION: usize = 256;

/// What a reader is sent for a change: any number of events.
pub trait Show: Send + 'static {
    /// For one change; the number is set by the stream.
    fn change(&mut self, site: &Site, change: &Change) -> Vec<Event>;

    /// Something was missed: everything is to be read anew; `last` is the number to go on from.
    fn resync(&mut self, site: &Site, last: u64) -> Vec<Event>;

    /// What is left of what was to be read anew, in portions; none: nothing is.
    fn more(&mut self, _: &Site) -> Vec<Event> {
        Vec::new()
    }
}

/// A stream for one reader, from the change after `from` on; none: from now on.
pub fn stream(site: &Site, from: Option<u64>, show: impl Show) -> Response {
    let open = match Open::of(site) {
        Ok(open) => open,
        Err(problem) => return problem.into_response(),
    };
    let feed = site.keeper().feed();
    let reader = Reader {
        changed: feed.follow(),
        ending: site.ending(),
        until: Some(Instant::now() + site.settings().stream_lasts),
        seen: from.unwrap_or_else(|| feed.last()),
        ready: Vec::new(),
        open,
        show,
    };
    let events = stream::unfold(reader, async |mut reader| {
        let event = reader.next().await?;
        Some((Ok::<_, Infallible>(event), reader))
    });
    answer(events)
}

/// The answer that sends these events as they come, for as long as a stream is open. Each has to say from where its reader goes on.
pub fn sent(events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Response {
    sent_for(events, LASTS)
}

fn sent_for(
    events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static,
    lasts: Duration,
) -> Response {
    answer(events.take_until(sleep(lasts)))
}

fn answer(events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Response {
    let beat = KeepAlive::new().interval(BEAT);
    let mut response = Sse::new(events).keep_alive(beat).into_response();
    // A proxy that collects the answer would hold all of it back (nginx: proxy_buffering).
    let unbuffered = axum::http::HeaderValue::from_static("no");
    response
        .headers_mut()
        .insert("x-accel-buffering", unbuffered);
    response
}

/// Where a reader was before it lost the connection.
pub fn last_seen(headers: &HeaderMap) -> Option<u64> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok()
}

struct Reader<S> {
    changed: watch::Receiver<u64>,
    ending: watch::Receiver<bool>,
    /// When it ends; none: it has.
    until: Option<Instant>,
    seen: u64,
    /// Events that are sent next, the last first.
    ready: Vec<Event>,
    open: Open,
    show: S,
}

impl<S: Show> Reader<S> {
    async fn next(&mut self) -> Option<Event> {
        loop {
            let until = self.until?;
            if until <= Instant::now() {
                return self.end();
            }
            if let Some(event) = self.ready.pop() {
                return Some(event);
            }
            if *self.ending.borrow() {
                return None;
            }
            self.ready = self.show.more(&self.open.site);
            self.ready.reverse();
            if !self.ready.is_empty() {
                continue;
            }
            self.changed.mark_unchanged();
            self.read();
            if self.ready.is_empty() {
                tokio::select! {
                    changed = self.changed.changed() => changed.ok()?,
                    _ = self.ending.changed() => {}
                    () = sleep_until(until) => {}
                }
            }
        }
    }

    /// Ends it. Who was sent everything is told up to where that was: it may be far behind what he was sent last. Who was not goes
    /// on from there.
    fn end(&mut self) -> Option<Event> {
        self.until = None;
        let has_all = self.ready.is_empty() && self.show.more(&self.open.site).is_empty();
        has_all.then(|| Event::default().id(self.seen.to_string()))
    }

    fn read(&mut self) {
        let site = &self.open.site;
        let feed = site.keeper().feed();
        loop {
            let Ok(changes) = feed.since(self.seen, PORTION) else {
                self.seen = feed.last();
                self.ready.extend(self.show.resync(site, self.seen));
                break;
            };
            for change in &changes {
                self.seen = change.number;
                let events = self.show.change(site, change).into_iter();
                self.ready
                    .extend(events.map(|event| event.id(change.number.to_string())));
            }
            // A whole portion may concern this reader in nothing.
            if changes.is_empty() || !self.ready.is_empty() {
                break;
            }
        }
        self.ready.reverse();
    }
}

/// A stream that is counted as long as it is open.
pub struct Open {
    /// What it shows something of.
    pub site: Site,
    _place: OwnedSemaphorePermit,
}

impl Open {
    /// One more, if there may be.
    pub fn of(site: &Site) -> Result<Self, Problem> {
        let Ok(place) = Arc::clone(site.streams()).try_acquire_owned() else {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            return Err(Problem::new(status, "too many streams are open").retry(30));
        };
        site.metrics().streams.fetch_add(1, Ordering::Relaxed);
        Ok(Self {
            site: site.clone(),
            _place: place,
        })
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.site.metrics().streams.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::sent_for;
    use axum::body::to_bytes;
    use axum::response::sse::Event;
    use futures_util::{StreamExt as _, stream};
    use std::convert::Infallible;
    use std::time::Duration;

    #[tokio::test]
    async fn what_would_go_on_for_ever_ends() {
        let first = stream::iter([Ok::<_, Infallible>(Event::default().id("7"))]);
        let response = sent_for(first.chain(stream::pending()), Duration::from_millis(50));
        let body = to_bytes(response.into_body(), usize::MAX).await;
        let body = body.expect("it ends as a whole");
        // On a machine that is busy, its time may be over before it began.
        assert!(matches!(&body[..], b"" | b"id: 7\n\n"), "{body:?}");
    }
}
