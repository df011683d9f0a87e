//! `GET /live`: what changes on a page while somebody looks at it, as the pieces of the page that are different.

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::sse::Event;
use axum::response::{IntoResponse, Response};
use boatyard_preview::config::Scope;
use boatyard_preview::environment::Environment;
use maud::html;
use serde::{Deserialize, Serialize};

use super::one::{Moment, head, moment_of};
use super::row;
use crate::feed::Change;
use crate::web::access::Caller;
use crate::web::card::Card;
use crate::web::problem::Problem;
use crate::web::search::{Asked, Search};
use crate::web::site::Site;
use crate::web::stream::{Show, last_seen, stream};

/// What page it is, and where it was made.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Page {
    since: Option<u64>,
    environment: String,
    view: String,
    repository: String,
    branch: String,
    pull_request: String,
    phase: String,
    text: String,
}

/// A piece of the page that is different.
#[derive(Default, Serialize)]
struct Patch {
    /// The element that is replaced.
    target: String,
    /// What it is now; none: it is gone.
    html: Option<String>,
    /// Where it is put at the end, if it is not there yet.
    into: Option<String>,
    /// What that is, if it is not there either.
    group: Option<String>,
    /// What is told to who does not see it.
    said: Option<String>,
}

/// `GET /live`
pub async fn live(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    page: Result<Query<Page>, QueryRejection>,
) -> Response {
    let Ok(Query(page)) = page else {
        return Problem::wrong("the query is none of ours").into_response();
    };
    let from = last_seen(&headers).or(page.since);
    if !page.environment.is_empty() {
        return stream(
            &site,
            from,
            One {
                caller,
                id: page.environment,
            },
        );
    }
    if page.view == "queue" {
        return stream(&site, from, Queue);
    }
    let asked = Asked {
        repository: page.repository,
        branch: page.branch,
        pull_request: page.pull_request,
        phase: page.phase,
        text: page.text,
        ..Asked::default()
    };
    match asked.read() {
        Ok(search) => stream(&site, from, List { caller, search }),
        Err(wrong) => Problem::wrong(wrong).into_response(),
    }
}

/// The page is read anew.
fn anew() -> Event {
    Event::default().event("resync").data("{}")
}

fn may_see(caller: &Caller, one: &Environment) -> bool {
    caller.may_in(Scope::Read, &one.revision.place.repository)
}

fn event(patch: &Patch) -> Option<Event> {
    Event::default().event("patch").json_data(patch).ok()
}

/// The list.
struct List {
    caller: Caller,
    search: Search,
}

impl Show for List {
    fn change(&mut self, site: &Site, change: &Change) -> Vec<Event> {
        let one = change.environment.as_ref();
        if one.is_some_and(|one| !may_see(&self.caller, one)) {
            return Vec::new();
        }
        let target = row::row_id(change.id.as_str());
        let patch = self.row(site, change).unwrap_or(Patch {
            target,
            ..Patch::default()
        });
        event(&patch).into_iter().collect()
    }

    fn resync(&mut self, _: &Site, last: u64) -> Vec<Event> {
        vec![anew().id(last.to_string())]
    }
}

impl List {
    fn row(&self, site: &Site, change: &Change) -> Option<Patch> {
        let one = change.environment.as_ref()?;
        let repository = &one.revision.place.repository;
        let settings = site.settings();
        let card = site.keeper().look(|known| {
            let about = known.abouts.get(&one.revision.place);
            self.search
                .is(one, about)
                .then(|| Card::of(one, about, &settings))
        })?;
        let name = repository.to_string();
        let said = format!(
            "{} {} is {}",
            card.repository.name,
            card.subject(),
            one.phase.name()
        );
        Some(Patch {
            target: row::row_id(&card.id),
            html: Some(row::row(one, &card, &self.caller, site.now()).into_string()),
            group: Some(row::group(&name, &html! {}).into_string()),
            into: Some(row::group_id(&name)),
            said: Some(said),
        })
    }
}

/// One environment.
struct One {
    caller: Caller,
    id: String,
}

impl Show for One {
    fn change(&mut self, site: &Site, change: &Change) -> Vec<Event> {
        if change.id.as_str() != self.id {
            return Vec::new();
        }
        let Some(one) = &change.environment else {
            // Nobody knows any more whose it was.
            let why = self
                .caller
                .may_everywhere(Scope::Read)
                .then_some(&change.why);
            let gone = html! {
                div id=(row::row_id(&self.id)) {
                    h1 { "This environment is gone" }
                    @if let Some(why) = why { p.reason { (why) } }
                }
            };
            let patch = Patch {
                target: row::row_id(&self.id),
                html: Some(gone.into_string()),
                said: Some("This environment is gone".to_owned()),
                ..Patch::default()
            };
            return event(&patch).into_iter().collect();
        };
        if !may_see(&self.caller, one) {
            return Vec::new();
        }
        let phase = one.phase.name();
        let moment = Moment {
            at: change.at,
            by: &change.by,
            phase: Some(phase),
            why: &change.why,
        };
        let whole = Patch {
            target: row::row_id(&self.id),
            html: Some(head(site, one, &self.caller).into_string()),
            said: Some(format!("It is {phase}")),
            ..Patch::default()
        };
        let line = Patch {
            html: Some(moment_of(&moment, site.now()).into_string()),
            into: Some("timeline".to_owned()),
            ..Patch::default()
        };
        [whole, line].iter().filter_map(event).collect()
    }

    fn resync(&mut self, _: &Site, last: u64) -> Vec<Event> {
        vec![anew().id(last.to_string())]
    }
}

/// The queue: whatever changes may change all of it.
struct Queue;

impl Show for Queue {
    fn change(&mut self, _: &Site, _: &Change) -> Vec<Event> {
        vec![Event::default().event("stale").data("{}")]
    }

    fn resync(&mut self, _: &Site, last: u64) -> Vec<Event> {
        vec![anew().id(last.to_string())]
    }
}
