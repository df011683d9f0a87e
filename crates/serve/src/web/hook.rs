//! `POST /hooks/FORGE`: what forges send. It is written down before they are told that it was heard.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Extension;
use axum::body::{Body, BodyDataStream, HttpBody as _};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use boatyard_plan::digest::Digest;
use boatyard_preview::forge::{Delivery, Headers, Hook, Trouble, deliver};
use boatyard_preview::id::Id;
use boatyard_preview::news::News;
use boatyard_preview::revision::Revision;
use futures_util::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::problem::Problem;
use super::site::Site;
use crate::keeper::{Heard, Known, Receipt};
use crate::trace;

/// Deliveries that there is room for, each as long as one may be.
const AT_ONCE: usize = 4;
/// How long one waits for room. Forges wait for an answer for ten seconds.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long what nobody reads is let in.
const PASSING: Duration = Duration::from_secs(5);

/// Takes in a delivery: 202 once it is written down, 200 if it was before.
pub async fn hear(
    State(site): State<Site>,
    Extension(room): Extension<Room>,
    Path(forge): Path<String>,
    request: Request,
) -> Response {
    match read(&site, &room, &forge, request).await {
        Ok(read) => keep(&site, &forge, read).await,
        Err(problem) => {
            site.metrics().hooks.refused();
            problem.into_response()
        }
    }
}

/// A delivery that its forge has sent.
struct Read {
    /// When it was there.
    begin: Instant,
    delivery: Delivery,
    /// Of the body.
    digest: Digest,
}

/// Reads a delivery. What cannot be right whatever its body is, is refused before that comes: anybody can send one.
async fn read(site: &Site, room: &Room, forge: &str, request: Request) -> Result<Read, Problem> {
    let hooks = site.hooks();
    let (head, body) = request.into_parts();
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let headers: Headers = head.headers.iter().filter_map(text).collect();
    let delivered = |body: &[u8]| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        deliver(
            &hooks.config,
            &Hook {
                forge,
                keys: hooks.secrets.keys(forge),
                headers: &headers,
                body,
                now_seconds: since.map_or(0, |since| since.as_secs()),
            },
        )
    };
    if let Err(trouble) = delivered(b"")
        && is_of_the_head(&trouble)
    {
        pass_over(body.into_data_stream());
        return Err(refuse(&trouble));
    }
    let body = room.read(body).await?;
    let begin = Instant::now();
    let delivery = delivered(&body.bytes).map_err(|trouble| refuse(&trouble))?;
    let digest = Digest::of(&body.bytes);
    Ok(Read {
        begin,
        delivery,
        digest,
    })
}

/// Writes down what is new.
async fn keep(site: &Site, forge: &str, read: Read) -> Response {
    let Read {
        begin,
        delivery,
        digest,
    } = read;
    let metrics = site.metrics();
    let told = told(site, &delivery.news);
    let is_said = !delivery.commands.is_empty();
    let number = delivery.id.clone().unwrap_or_default();
    let heard = Heard {
        delivery: delivery.id,
        digest: Some(digest.hex().to_owned()),
        by: forge.to_owned(),
        news: delivery.news,
        commands: delivery.commands,
    };
    let answer = site.keeper().receive(heard).await;
    if let Ok(Receipt::Other(before)) = &answer {
        // Who can sign it can send it under any number: it is as good as any other, and a forge does not do that.
        let digest = digest.hex();
        site.warn(format!(
            "{forge}: something else came under the number {number} of a delivery that was heard (sha256 {digest}, before {before}); it is heard, too"
        ));
    }
    // Payloads may be late: what they are about is asked for again, also if nothing came of them.
    delivery.repositories.iter().for_each(|one| site.mark(one));
    match answer {
        Ok(Receipt::New | Receipt::Other(_)) => {
            delivery.pipelines.iter().for_each(|one| site.ended(one));
            if is_said {
                site.obey();
            }
            metrics.hooks.heard();
            metrics.reaction.observe(begin.elapsed());
            let nanos = |time: SystemTime| {
                let since = time.duration_since(UNIX_EPOCH);
                since.map_or(0, |since| since.as_nanos())
            };
            let (end, traces) = (nanos(SystemTime::now()), &site.settings().traces);
            let begin = end.saturating_sub(begin.elapsed().as_nanos());
            for id in &told {
                traces.send(trace::hook(id, forge, begin, end));
            }
            StatusCode::ACCEPTED.into_response()
        }
        Ok(Receipt::Known) => {
            metrics.hooks.known();
            StatusCode::OK.into_response()
        }
        Err(stopped) => {
            metrics.hooks.refused();
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, stopped.to_string());
            problem.help("send it again").retry(5).into_response()
        }
    }
}

/// The environments of the revisions that are told of, if anybody traces them.
fn told(site: &Site, news: &[News]) -> Vec<Id> {
    if !site.settings().traces.is_on() {
        return Vec::new();
    }
    let id = |known: &Known, news: &News| {
        let News::Head { place, head, .. } = news else {
            return None;
        };
        let watch = known.policy.repositories.get(&place.repository)?;
        let revision = Revision {
            place: place.clone(),
            commit: head.commit.clone(),
        };
        Some(Id::of(&revision, &watch.recipe))
    };
    site.keeper()
        .look(|known| news.iter().filter_map(|news| id(known, news)).collect())
}

/// Whether that is so whatever the body is.
fn is_of_the_head(trouble: &Trouble) -> bool {
    matches!(
        trouble,
        Trouble::NoForge { .. }
            | Trouble::NoHooks { .. }
            | Trouble::Unsigned { .. }
            | Trouble::NoEvent { .. }
    )
}

/// Lets in the rest of a body and keeps nothing of it: whoever is cut off while he sends may never read the answer.
pub fn pass_over(mut rest: BodyDataStream) {
    tokio::spawn(tokio::time::timeout(PASSING, async move {
        while let Some(Ok(_)) = rest.next().await {}
    }));
}

/// Room for the bodies of deliveries, so that those that are sent at once take no more memory than that. Clones are the same.
#[derive(Clone)]
pub struct Room {
    /// Bytes that one may have.
    most: usize,
    /// Bytes that there is room for now.
    left: Arc<Semaphore>,
    patience: Duration,
}

/// A body, and the room that it takes.
#[derive(Default)]
struct Held {
    bytes: Vec<u8>,
    room: Option<OwnedSemaphorePermit>,
}

impl Room {
    /// For deliveries of at most so many bytes.
    pub fn new(most: usize) -> Self {
        let all = most.saturating_mul(AT_ONCE).min(Semaphore::MAX_PERMITS);
        Self {
            most,
            left: Arc::new(Semaphore::new(all)),
            patience: PATIENCE,
        }
    }

    /// Reads a body.
    async fn read(&self, body: Body) -> Result<Held, Problem> {
        let is_too_long = body.size_hint().lower() > self.most as u64;
        let mut pieces = body.into_data_stream();
        let read = if is_too_long {
            Err(self.too_long())
        } else {
            self.collect(&mut pieces).await
        };
        if read.is_err() {
            pass_over(pieces);
        }
        read
    }

    /// Takes room as the pieces come: whoever promises much and sends it slowly, or never, keeps none from others.
    async fn collect(&self, pieces: &mut BodyDataStream) -> Result<Held, Problem> {
        let mut held = Held::default();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|_| Problem::wrong("the body did not come whole"))?;
            if held.bytes.len() + piece.len() > self.most {
                return Err(self.too_long());
            }
            let room = self.take(piece.len()).await?;
            if let Some(all) = &mut held.room {
                all.merge(room);
            } else {
                held.room = Some(room);
            }
            held.bytes.extend_from_slice(&piece);
        }
        Ok(held)
    }

    async fn take(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Problem> {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.left).acquire_many_owned(bytes);
        let Ok(Ok(room)) = tokio::time::timeout(self.patience, room).await else {
            let detail = "too much is being sent at once";
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail);
            return Err(problem.help("send it again").retry(5));
        };
        Ok(room)
    }

    fn too_long(&self) -> Problem {
        let detail = format!("a hook has at most {} bytes", self.most);
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }
}

fn refuse(trouble: &Trouble) -> Problem {
    let status = StatusCode::from_u16(trouble.status()).unwrap_or(StatusCode::BAD_REQUEST);
    Problem::new(status, trouble.to_string()).help(trouble.help())
}

#[cfg(test)]
mod tests {
    use super::Room;
    use axum::body::{Body, Bytes};
    use futures_util::{StreamExt as _, stream};
    use std::convert::Infallible;
    use std::time::Duration;

    /// A body whose length is not said.
    fn pieces(all: &[&'static str]) -> Body {
        let all: Vec<_> = all
            .iter()
            .map(|one| Bytes::from_static(one.as_bytes()))
            .collect();
        Body::from_stream(stream::iter(all).map(Ok::<_, Infallible>))
    }

    #[tokio::test]
    async fn there_is_room_for_four_of_the_longest() {
        let room = Room {
            patience: Duration::ZERO,
            ..Room::new(10)
        };
        let read = async |body| {
            let read = room.read(body).await;
            read.map_err(|problem| (problem.status.as_u16(), problem.retry))
        };
        for body in [Body::from("0123456789x"), pieces(&["012345", "6789x"])] {
            assert_eq!(read(body).await.err(), Some((413, None)));
        }
        let mut all = Vec::new();
        for _ in 0..4 {
            let held = read(pieces(&["012345", "6789"])).await.ok();
            let held = held.expect("room for one more");
            assert_eq!(held.bytes, b"0123456789");
            all.push(held);
        }
        assert_eq!(read(pieces(&["x"])).await.err(), Some((503, Some(5))));
        all.pop();
        assert!(read(pieces(&["0123456789"])).await.is_ok());
    }

    #[tokio::test]
    async fn what_is_promised_and_not_sent_takes_no_room() {
        let room = Room {
            patience: Duration::ZERO,
            ..Room::new(10)
        };
        let mut slow = Vec::new();
        for _ in 0..50 {
            let never = stream::pending::<Result<Bytes, Infallible>>();
            let mut read = Box::pin(room.read(Body::from_stream(never)));
            let begun = tokio::time::timeout(Duration::ZERO, read.as_mut()).await;
            assert!(begun.is_err(), "it waits for more");
            slow.push(read);
        }
        assert!(room.read(Body::from("0123456789")).await.is_ok());
    }
}
