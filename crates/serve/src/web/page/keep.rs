//! Snapshots on the page of an environment: what is shown, and what people press.

use axum::Extension;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use boatyard_preview::config::Scope;
use boatyard_preview::environment::Environment;
use boatyard_preview::phase::Event;
use boatyard_preview::snapshot::{self, free_name};
use boatyard_preview::step;
use maud::{Markup, html};
use serde::Deserialize;

use super::layout::problem_page;
use super::words;
use crate::web::access::Caller;
use crate::web::api::{self, Wanted};
use crate::web::problem::Problem;
use crate::web::site::Site;

/// What the form has.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Named {
    name: String,
}

/// `POST /environments/ID/snapshots/ACTION`
pub async fn keep(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path((id, action)): Path<(String, String)>,
    named: Result<Form<Named>, FormRejection>,
) -> Response {
    let name = named.map(|Form(named)| named.name).unwrap_or_default();
    let wanted = match action.as_str() {
        "save" => Wanted::Save((!name.is_empty()).then_some(name)),
        "restore" => Wanted::Restore(name),
        "discard" => Wanted::Discard(name),
        _ => {
            let problem = Problem::new(StatusCode::NOT_FOUND, "nothing of that name can be done");
            return problem_page(&problem, Some(&caller));
        }
    };
    match api::ask(&site, &caller, &id, wanted).await {
        Ok(one) => Redirect::to(&format!("/environments/{}", one.id)).into_response(),
        Err(problem) => problem_page(&problem, Some(&caller)),
    }
}

/// What it has, and what can be done with it.
pub fn snapshots(site: &Site, one: &Environment, caller: &Caller) -> Markup {
    let now = site.now();
    let limit = site.keeper().look(|known| known.policy.limits.snapshots);
    let may = caller.may_in(Scope::Operate, &one.revision.place.repository);
    let can = |event: Event| may && step(one, &event, None, now).is_ok();
    let free = free_name(one);
    let can_save = can(Event::Save(free.clone())) && snapshot::fits(one, limit).is_ok();
    let is_shown = can_save || !one.snapshots.is_empty() || one.undone.is_some();
    html! {
        @if is_shown {
            section.snapshots aria-labelledby="snapshots" {
                h2 #snapshots { "Snapshots of its data" }
                @if let Some(why) = &one.undone { (words::reason(why)) }
                @if one.snapshots.is_empty() {
                    p.quiet { "None. It is stopped while one is made, and started again if it ran." }
                } @else {
                    table {
                        caption.hidden { "Snapshots, the oldest first" }
                        thead { tr {
                            th scope="col" { "Name" }
                            th scope="col" { "Made" }
                            th.number scope="col" { "Size" }
                            th scope="col" { span.hidden { "What can be done" } }
                        } }
                        tbody {
                            @for snapshot in &one.snapshots {
                                tr {
                                    th scope="row" { code { (snapshot.name) } }
                                    td { (words::ago(snapshot.at, now)) " ago" }
                                    td.number { (words::size(snapshot.size_bytes)) }
                                    td.do { div.actions {
                                        @if can(Event::Restore(snapshot.name.clone())) {
                                            (button(one, "restore", "Restore", &snapshot.name))
                                        }
                                        @if can(Event::Discard(snapshot.name.clone())) {
                                            (button(one, "discard", "Remove", &snapshot.name))
                                        }
                                    } }
                                }
                            }
                        }
                    }
                }
                @if can_save { (new(one, &free)) }
            }
        }
    }
}

/// What makes one, under a name that is free or that somebody chooses.
fn new(one: &Environment, free: &str) -> Markup {
    let id = &one.id;
    html! {
        form.action.new method="post" action=(format!("/environments/{id}/snapshots/save")) {
            label { "Name " input name="name" placeholder=(free) maxlength="40" pattern="[a-z0-9_][a-z0-9_-]*" autocomplete="off"; }
            " " button type="submit" data-key=(format!("{id}-save")) { "Make a snapshot" }
        }
    }
}

fn button(one: &Environment, action: &str, word: &str, name: &str) -> Markup {
    let id = &one.id;
    html! {
        form.action method="post" action=(format!("/environments/{id}/snapshots/{action}")) {
            input type="hidden" name="name" value=(name);
            button type="submit" class=(action) data-key=(format!("{id}-{action}-{name}")) aria-label=(format!("{word} {name}")) { (word) }
        }
    }
}
