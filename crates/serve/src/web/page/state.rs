//! `GET /queue` and `GET /audit`: who waits, how much room there is, who would have to go; what happened.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use boatyard_preview::config::Scope;
use maud::{Markup, html};
use serde::Deserialize;

use super::layout::{Layout, fine, problem_page};
use super::trouble::troubles;
use super::words;
use crate::journal::{Entry, Login};
use crate::keeper::Known;
use crate::web::access::Caller;
use crate::web::audit as log;
use crate::web::card::Card;
use crate::web::problem::Problem;
use crate::web::queue::{self, Limits, Taken, Victim, Waiting};
use crate::web::settings::Settings;
use crate::web::site::Site;

/// `GET /queue`
pub async fn queue(State(site): State<Site>, Extension(caller): Extension<Caller>) -> Response {
    let (settings, now) = (site.settings(), site.now());
    let mean = site.metrics().prepare.mean();
    let last = site.keeper().feed().last();
    let (limits, waiting) = site.keeper().look(|known| {
        let limits = queue::limits(known, &caller, &settings, now);
        (limits, Line::of(known, &caller, &settings, mean))
    });
    let live = Some(format!("/live?view=queue&since={last}"));
    let layout = Layout {
        title: "Queue and limits",
        here: "/queue",
        live,
        caller: Some(&caller),
    };
    fine(layout.page(&html! {
        h1 { "Queue and limits" }
        (troubles(&site, &caller))
        div #queue { (inside(&limits, &waiting)) }
    }))
}

/// Those that are shown of a long queue.
const WAITING: usize = 200;

/// The first of a queue, and how many wait behind them.
struct Line {
    first: Vec<(Waiting, Card)>,
    more: usize,
}

impl Line {
    fn of(known: &Known, caller: &Caller, settings: &Settings, mean: Option<Duration>) -> Self {
        let mut all = queue::seen(known, caller, mean);
        let first = all.by_ref().take(WAITING);
        let card = |(waiting, one)| (waiting, queue::card(known, one, settings));
        Self {
            first: first.map(card).collect(),
            more: all.count(),
        }
    }
}

fn inside(limits: &Limits, waiting: &Line) -> Markup {
    html! {
        section aria-labelledby="limits" {
            h2 #limits { "Limits" }
            dl.meters {
                (meter("Being prepared", limits.preparing))
                (meter("Running", limits.running))
                (meter("Kept", limits.kept))
                (meter("Megabytes of snapshots", limits.snapshot_megabytes))
            }
        }
        section aria-labelledby="waiting" {
            h2 #waiting { "Waiting for their turn" }
            @if waiting.first.is_empty() { p.quiet { "Nobody waits." } }
            ol {
                @for (waiting, card) in &waiting.first {
                    li { (link(card)) " " span.quiet { (words::position(waiting)) } }
                }
            }
            @if waiting.more > 0 { p.quiet { "And " (waiting.more) " more." } }
        }
        (victims("Stopped next, if others are asked for", "Nothing would be stopped.", &limits.stopped_next))
        (victims("Taken away next, if others need the place", "Nothing would be taken away.", &limits.removed_next))
    }
}

fn meter(name: &str, taken: Taken) -> Markup {
    html! {
        dt { (name) }
        dd {
            // Full is shown in another colour.
            meter min="0" max=(taken.limit) high=(taken.limit.saturating_sub(1)) optimum="0" value=(taken.taken) aria-label=(name) {}
            " " (taken.taken) " of " (taken.limit)
        }
    }
}

fn victims(title: &str, nothing: &str, all: &[Victim]) -> Markup {
    html! {
        section {
            h2 { (title) }
            @if all.is_empty() { p.quiet { (nothing) } }
            ol { @for one in all { li { (link(&one.environment)) ": " (one.why) } } }
        }
    }
}

fn link(card: &Card) -> Markup {
    html! {
        a href=(format!("/environments/{}", card.id)) { (card.repository.name) " " (card.subject()) }
        " " code { (card.short()) }
    }
}

/// From where on somebody wants to read.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Before {
    before: Option<u64>,
}

/// Entries on a page.
const ENTRIES: usize = 100;
/// Logins that are shown; all are in the journal.
const LOGINS: usize = 50;

/// `GET /audit`
pub async fn audit(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    before: Result<Query<Before>, QueryRejection>,
) -> Response {
    let before = match before {
        Ok(Query(before)) => before.before.unwrap_or(u64::MAX),
        Err(refused) => return problem_page(&Problem::wrong(refused.body_text()), Some(&caller)),
    };
    if !caller.may_everywhere(Scope::Read) {
        let detail = format!("the token of {} is for some repositories only", caller.name);
        return problem_page(&Problem::new(StatusCode::FORBIDDEN, detail), Some(&caller));
    }
    let entries = match log::read(&site, None, before, ENTRIES).await {
        Ok(entries) => entries,
        Err(problem) => return problem_page(&problem, Some(&caller)),
    };
    let layout = Layout {
        title: "What happened",
        here: "/audit",
        live: None,
        caller: Some(&caller),
    };
    // Addresses of people are for those who operate it.
    let logins = match before {
        u64::MAX if caller.may_everywhere(Scope::Operate) => log::logins(&site, LOGINS).await,
        _ => Ok(Vec::new()),
    };
    let logins = match logins {
        Ok(logins) => logins,
        Err(problem) => return problem_page(&problem, Some(&caller)),
    };
    let names = names(&site, &entries);
    fine(layout.page(&html! {
        (entries_of(&entries, &names, !logins.is_empty()))
        (logins_of(&logins))
    }))
}

/// What environments are called that are still there, by their ids.
type Names = BTreeMap<String, String>;

fn names(site: &Site, entries: &[Entry]) -> Names {
    let settings = site.settings();
    site.keeper().look(|known| {
        let ids = entries.iter().filter_map(|entry| entry.id.parse().ok());
        let there = ids.filter_map(|id| known.inventory.get(&id));
        let named = |one| {
            let card = queue::card(known, one, &settings);
            let name = format!("{} {}", card.repository.name, card.subject());
            (card.id, name)
        };
        there.map(named).collect()
    })
}

fn entries_of(entries: &[Entry], names: &Names, is_more: bool) -> Markup {
    let next = entries
        .last()
        .filter(|last| entries.len() == ENTRIES && last.number > 1);
    html! {
        h1 { "What happened" }
        @if is_more { p { a href="#logins" { "Who has logged in" } } }
        @if entries.is_empty() { p.quiet { "Nothing yet." } }
        table {
            caption.hidden { "What happened, the newest first" }
            thead { tr {
                th.number scope="col" { "No." }
                th scope="col" { "When" }
                th scope="col" { "Who" }
                th scope="col" { "Environment" }
                th scope="col" { "Phase" }
                th scope="col" { "Why" }
            } }
            tbody { @for entry in entries { (line(entry, names)) } }
        }
        @if let Some(last) = next {
            p #more { a rel="next" href=(format!("/audit?before={}", last.number)) { "Earlier" } }
        }
    }
}

fn logins_of(logins: &[Login]) -> Markup {
    html! {
        @if !logins.is_empty() {
            section aria-labelledby="logins" {
                h2 #logins { "Who has logged in" }
                table {
                    caption.hidden { "Who has logged in, the newest first" }
                    thead { tr {
                        th.number scope="col" { "No." }
                        th scope="col" { "When" }
                        th scope="col" { "Who" }
                        th scope="col" { "How" }
                        th scope="col" { "From" }
                    } }
                    tbody {
                        @for login in logins { tr {
                            td.number { (login.number) }
                            td.when { (words::at(login.at)) }
                            td { (login.who) }
                            td { (login.how) }
                            td { (login.from) }
                        } }
                    }
                }
            }
        }
    }
}

fn line(entry: &Entry, names: &Names) -> Markup {
    let phase = entry.phase.as_deref().unwrap_or("gone");
    html! {
        tr {
            td.number { (entry.number) }
            td.when { (words::at(entry.at)) }
            td { (entry.by) }
            td {
                a href=(format!("/environments/{}", entry.id)) {
                    @if let Some(name) = names.get(&entry.id) { (name) } @else { code { (entry.id) } }
                }
            }
            td { span class=(format!("badge {phase}")) { (phase) } }
            td.why { (entry.why) }
        }
    }
}
