//! `GET /api/v1/build-events`: every build that is meant, then what changes.

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::response::sse::Event;
use boatyard_preview::config::Scope;
use boatyard_preview::id::Id;
use serde::Serialize;

use super::asked::Query;
use super::build::Build;
use super::filter::Filter;
use super::lists::find_all;
use super::refusal::Refusal;
use super::status::Status;
use crate::feed::Change;
use crate::web::access::Caller;
use crate::web::site::Site;
use crate::web::stream::{Show, last_seen, stream};

/// `GET /api/v1/build-events`. Each event has an id here, so that who lost the connection goes on where he was; runboat begins
/// anew, as does who says nothing.
pub async fn events(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let filter = Filter::read(Query::of(query.as_deref()), &["build_name"])?;
    // Nobody has seen the last of all numbers: it begins with all that there is.
    let from = last_seen(&headers).unwrap_or(u64::MAX);
    Ok(stream(
        &site,
        Some(from),
        Builds {
            caller,
            filter,
            left: Vec::new(),
        },
    ))
}

struct Builds {
    caller: Caller,
    filter: Filter,
    /// Those that are still to be told of, the next one last. They are looked at when it is their turn, so that slow readers keep
    /// nothing but names.
    left: Vec<Id>,
}

/// Builds that are told of at once.
const PORTION: usize = 64;

#[derive(Serialize)]
struct Body<'a> {
    event: &'static str,
    build: &'a Build,
}

impl Show for Builds {
    fn change(&mut self, site: &Site, change: &Change) -> Vec<Event> {
        let Some(one) = change.environment.as_ref().or(change.was.as_ref()) else {
            return Vec::new();
        };
        let place = &one.revision.place;
        if !self.caller.may_in(Scope::Read, &place.repository) {
            return Vec::new();
        }
        let (hooks, settings) = (site.hooks(), site.settings());
        let status = Status::of(one).filter(|_| change.environment.is_some());
        let build = site.keeper().look(|known| {
            let about = known.abouts.get(place);
            let is_meant = self.filter.is(one, about);
            is_meant.then(|| {
                let last = status.unwrap_or(Status::Undeploying);
                Build::of(one, last, about, (&hooks.config, &settings))
            })
        });
        let event = if status.is_some() { "upd" } else { "del" };
        let build = build.iter();
        build.filter_map(|build| event_of(event, build)).collect()
    }

    /// Without ids: who loses the connection before the first change begins anew.
    fn resync(&mut self, site: &Site, _: u64) -> Vec<Event> {
        self.left = find_all(site, &self.caller, &self.filter)
            .into_iter()
            .rev()
            .map(|(id, _)| id)
            .collect();
        self.more(site)
    }

    fn more(&mut self, site: &Site) -> Vec<Event> {
        let (hooks, settings) = (site.hooks(), site.settings());
        let mut events = Vec::new();
        // All that were there may be gone.
        while events.is_empty() && !self.left.is_empty() {
            let portion = self.left.split_off(self.left.len().saturating_sub(PORTION));
            events = site.keeper().look(|known| {
                let of = |id: &Id| {
                    let one = known.inventory.get(id)?;
                    let about = known.abouts.get(&one.revision.place);
                    let status = Status::of(one)?;
                    let build = Build::of(one, status, about, (&hooks.config, &settings));
                    event_of("upd", &build)
                };
                portion.iter().rev().filter_map(of).collect()
            });
        }
        events
    }
}

fn event_of(event: &'static str, build: &Build) -> Option<Event> {
    Event::default().json_data(Body { event, build }).ok()
}
