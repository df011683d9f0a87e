//! `GET /environments/ID`: one environment, what happened to it, what can be done with it.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use boatyard_preview::config::Scope;
use boatyard_preview::environment::Environment;
use boatyard_preview::images::Awaited;
use boatyard_preview::phase::Phase;
use boatyard_preview::time::Time;
use maud::{Markup, html};

use super::layout::{Layout, fine, problem_page};
use super::{address, keep, row, words};
use crate::journal::Entry;
use crate::logs::{Part, plain};
use crate::web::access::Caller;
use crate::web::action::Action;
use crate::web::api;
use crate::web::audit;
use crate::web::card::Card;
use crate::web::log;
use crate::web::queue::{self, Waiting};
use crate::web::search::Asked;
use crate::web::site::Site;

/// Moments of its history that are shown.
const MOMENTS: usize = 100;
/// Lines of each log that are shown at first.
const LINES: usize = 200;

/// `GET /environments/ID`
pub async fn one(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
) -> Response {
    let last = site.keeper().feed().last();
    let environment = match api::find(&site, &caller, Scope::Read, &name) {
        Ok(environment) => environment,
        Err(problem) => return problem_page(&problem, Some(&caller)),
    };
    let path = format!("/environments/{}", environment.id);
    if environment.id.as_str() != name {
        return Redirect::to(&path).into_response();
    }
    let history = match audit::read(&site, Some(environment.id), u64::MAX, MOMENTS).await {
        Ok(history) => history,
        Err(problem) => return problem_page(&problem, Some(&caller)),
    };
    let mut logs = Vec::new();
    // First the one that says why it is as it is.
    let parts = if environment.is_prepared {
        [Part::Run, Part::Prepare]
    } else {
        [Part::Prepare, Part::Run]
    };
    for part in parts {
        logs.push((part, log::tail(&site, &environment.id, part, LINES).await));
    }
    let here = [
        ("environment", environment.id.as_str()),
        ("since", &last.to_string()),
    ];
    let live = address::with("/live", &here, &Asked::default());
    let title = environment.revision.place.to_string();
    let layout = Layout {
        title: &title,
        here: "",
        live: Some(live),
        caller: Some(&caller),
    };
    fine(layout.page(&content(&site, &environment, (&history, &logs), &caller)))
}

/// What happened to it, and the ends of its logs.
type Past<'a> = (&'a [Entry], &'a [(Part, (Vec<String>, u64))]);

fn content(site: &Site, one: &Environment, (history, logs): Past<'_>, caller: &Caller) -> Markup {
    let now = site.now();
    html! {
        (head(site, one, caller))
        @for (part, (lines, end)) in logs { (log_of(one, *part, lines, *end)) }
        section aria-labelledby="happened" {
            h2 #happened { "What happened" }
            ol #timeline .timeline reversed {
                @for entry in history { (moment_of(&Moment::of(entry), now)) }
            }
        }
    }
}

/// The end of a log, which grows while somebody looks.
fn log_of(one: &Environment, part: Part, lines: &[String], end: u64) -> Markup {
    let word = part.word();
    let name = match part {
        Part::Run => "What it prints",
        Part::Prepare => "How it was prepared",
    };
    let path = format!("/api/environments/{}/log", one.id);
    html! {
        section aria-labelledby=(word) {
            h2 id=(word) { (name) }
            pre.log tabindex="0" aria-labelledby=(word) data-log=(format!("{path}/events?part={word}&from={end}")) {
                @for line in lines { (plain(line)) "\n" }
            }
            p { a href=(format!("{path}?part={word}")) { "All of it, from its beginning" } }
        }
    }
}

/// What changes as a whole when the environment does.
pub fn head(site: &Site, one: &Environment, caller: &Caller) -> Markup {
    let (settings, mean) = (site.settings(), site.metrics().prepare.mean());
    let (card, waiting, ends) = site.keeper().look(|known| {
        let about = known.abouts.get(&one.revision.place);
        (
            Card::of(one, about, &settings),
            queue::place(known, &one.id, mean),
            known.policy.times.ends(one),
        )
    });
    html! {
        div id=(row::row_id(&card.id)) {
            h1 { (card.repository.name) " " (card.subject()) }
            @if !card.title.is_empty() { p.lead { (card.title) } }
            p.phase { (words::badge(one.phase)) " " (words::sentence(one)) }
            @if let Some(awaited) = awaited(one) { (words::awaited(awaited)) }
            @if let Some(reason) = &card.reason { (words::reason(reason)) }
            @if let Some(waiting) = &waiting { p { (words::position(waiting)) } }
            @if let Some(ends) = ends {
                p.note { "If nobody uses it, it is undeployed on " (words::at(ends)) "." }
            }
            @if one.phase == Phase::Unapproved {
                p.note { "Who has read this commit approves it here, or in a comment: " code { "/preview approve " (card.commit) } }
            }
            (actions(one, &card, caller))
            (facts(one, &card, waiting.as_ref(), site.now()))
            (keep::snapshots(site, one, caller))
        }
    }
}

fn awaited(one: &Environment) -> Option<&Awaited> {
    one.images.awaited().filter(|_| one.phase == Phase::Queued)
}

fn actions(one: &Environment, card: &Card, caller: &Caller) -> Markup {
    let back = format!("/environments/{}", card.id);
    html! {
        div.actions role="group" aria-label="What can be done" {
            @if row::can_be_seen(one) { a.open href=(card.url) rel="noopener" { "Open" } }
            @for action in Action::ALL {
                @if row::may(action, one, caller) { (row::button(action, card, &back)) }
            }
        }
    }
}

fn facts(one: &Environment, card: &Card, waiting: Option<&Waiting>, now: Time) -> Markup {
    html! {
        dl.facts {
            dt { "Repository" } dd { (card.repository) }
            dt { (if card.branch.is_some() { "Branch" } else { "Pull request" }) }
            dd {
                @if let Some(url) = &card.forge_url { a href=(url) rel="noopener" { (card.subject()) } }
                @else { (card.subject()) }
                @if !card.author.is_empty() { " by " (card.author) }
            }
            dt { "Commit" } dd { code { (card.commit) } }
            dt { "Address" } dd { a href=(card.url) rel="noopener" { (card.url) } }
            dt { "This commit" } dd { a href=(card.commit_url) rel="noopener" { (card.commit_url) } }
            dt { "In this phase" } dd { "for " (words::ago(one.since, now)) }
            dt { "Known" } dd { "for " (words::ago(one.created, now)) }
            dt { "Last used" } dd { (words::ago(one.used, now)) " ago" }
            @if one.failures > 0 { dt { "Failures in a row" } dd { (one.failures) } }
            @if let Some(waiting) = waiting { dt { "In the queue" } dd { (waiting.position) } }
            dt { "Keeps its place" } dd { (if one.is_pinned { "yes, it is pinned" } else { "no" }) }
            dt { "Id" } dd { code { (card.id) } }
        }
    }
}

/// Something that happened to it.
pub struct Moment<'a> {
    /// When.
    pub at: Time,
    /// Who wanted it.
    pub by: &'a str,
    /// The phase that it led to; none: it is gone.
    pub phase: Option<&'a str>,
    /// Why.
    pub why: &'a str,
}

impl<'a> Moment<'a> {
    fn of(entry: &'a Entry) -> Self {
        Self {
            at: entry.at,
            by: &entry.by,
            phase: entry.phase.as_deref(),
            why: &entry.why,
        }
    }
}

/// A line of its history.
pub fn moment_of(moment: &Moment<'_>, now: Time) -> Markup {
    let phase = moment.phase.unwrap_or("gone");
    html! {
        li {
            span class=(format!("badge {phase}")) { (phase) } " "
            (words::ago(moment.at, now)) " ago: " span.why { (moment.why) }
            " " span.quiet { "(" (moment.by) ", " (words::at(moment.at)) ")" }
        }
    }
}
