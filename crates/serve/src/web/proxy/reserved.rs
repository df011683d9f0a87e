//! The few paths on every environment's host that are ours: what the waiting page needs.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::Event;
use axum::response::{IntoResponse, Response};
use boatyard_preview::id::Id;
use boatyard_preview::phase::Phase;
use serde::Serialize;

use super::wait;
use crate::feed::Change;
use crate::web::page;
use crate::web::problem::Problem;
use crate::web::site::Site;
use crate::web::stream::{Show, last_seen, stream};

/// Where they begin.
pub const PREFIX: &str = "/.boatyard/";

const SCRIPT: &str = include_str!("wait.js");

/// Answers for one of them.
pub fn answer(site: &Site, id: &Id, name: &str, headers: &HeaderMap) -> Response {
    match name {
        "style.css" => page::style_now(),
        "wait.js" => ([(header::CONTENT_TYPE, "text/javascript")], SCRIPT).into_response(),
        // It begins with how far it is now.
        "events" if wait::is_for_visitors(site) => stream(
            site,
            last_seen(headers).or(Some(u64::MAX)),
            Waiting { id: *id },
        ),
        _ => Problem::new(StatusCode::NOT_FOUND, "there is no such page").into_response(),
    }
}

/// Shows how far one environment is.
struct Waiting {
    id: Id,
}

#[derive(Serialize)]
struct Body {
    /// What stands on the page.
    html: String,
    /// It answers: the page is loaded anew.
    is_over: bool,
}

impl Waiting {
    fn event(&self, site: &Site) -> Event {
        let body = match wait::look(site, &self.id) {
            Some((environment, waiting, last)) => Body {
                html: wait::state(&environment, waiting.as_ref(), last.as_deref()).into_string(),
                is_over: environment.phase == Phase::Running,
            },
            None => Body {
                html: String::new(),
                is_over: true,
            },
        };
        Event::default()
            .event("state")
            .json_data(body)
            .unwrap_or_default()
    }
}

impl Show for Waiting {
    fn change(&mut self, site: &Site, change: &Change) -> Vec<Event> {
        // Its place in the queue changes with others, but those who look at it look for a moment only.
        if change.id == self.id {
            vec![self.event(site)]
        } else {
            Vec::new()
        }
    }

    fn resync(&mut self, site: &Site, last: u64) -> Vec<Event> {
        vec![self.event(site).id(last.to_string())]
    }
}
