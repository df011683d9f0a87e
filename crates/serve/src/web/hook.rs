//! `POST /hooks/FORGE`: what forges send. It is written down before they are told that it was heard.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use boatyard_plan::digest::Digest;
use boatyard_preview::forge::{Hook, Trouble, deliver};
use boatyard_preview::id::Id;
use boatyard_preview::news::News;
use boatyard_preview::revision::Revision;

use super::problem::Problem;
use super::site::Site;
use crate::keeper::{Heard, Known, Receipt};
use crate::trace;

/// Takes in a delivery: 202 once it is written down, 200 if it was before.
pub async fn hear(
    State(site): State<Site>,
    Path(forge): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let begin = Instant::now();
    let metrics = site.metrics();
    let hooks = site.hooks();
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let read = deliver(
        &hooks.config,
        &Hook {
            forge: &forge,
            keys: hooks.secrets.keys(&forge),
            headers: &headers.iter().filter_map(text).collect(),
            body: &body,
            now_seconds: since.map_or(0, |since| since.as_secs()),
        },
    );
    let delivery = match read {
        Ok(delivery) => delivery,
        Err(trouble) => {
            metrics.hooks.refused();
            return refuse(&trouble).into_response();
        }
    };
    let told = told(&site, &delivery.news);
    let is_said = !delivery.commands.is_empty();
    let number = delivery.id.clone().unwrap_or_default();
    let digest = Digest::of(&body);
    let heard = Heard {
        delivery: delivery.id,
        digest: Some(digest.hex().to_owned()),
        by: forge.clone(),
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
                traces.send(trace::hook(id, &forge, begin, end));
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

fn refuse(trouble: &Trouble) -> Problem {
    let status = StatusCode::from_u16(trouble.status()).unwrap_or(StatusCode::BAD_REQUEST);
    Problem::new(status, trouble.to_string()).help(trouble.help())
}
