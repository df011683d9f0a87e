//! One environment in the list, and what can be done with it.

use boatyard_preview::environment::Environment;
use boatyard_preview::phase::Phase;
use boatyard_preview::time::Time;
use maud::{Markup, html};

use super::words;
use crate::web::access::Caller;
use crate::web::action::Action;
use crate::web::card::Card;

/// The id of its row on the page.
pub fn row_id(id: &str) -> String {
    format!("env-{id}")
}

/// The id of the group of a repository on the page.
pub fn group_id(repository: &str) -> String {
    format!("repository-{repository}")
}

/// Its row.
pub fn row(one: &Environment, card: &Card, caller: &Caller, now: Time) -> Markup {
    html! {
        tr id=(row_id(&card.id)) {
            td { (words::badge(one.phase)) }
            th scope="row" {
                a href=(format!("/environments/{}", card.id)) { (card.subject()) }
                @if card.is_pinned { " " span.note { "pinned" } }
                @if card.is_leaving { " " span.note { "leaving" } }
            }
            td.title {
                @if !card.title.is_empty() { span { (card.title) } }
                @if !card.author.is_empty() { " " span.quiet { "by " (card.author) } }
                @if let (Some(reason), Phase::Failed | Phase::Stuck) = (&card.reason, one.phase) {
                    div.reason { (words::reason_in_short(reason)) }
                }
            }
            td { code title=(card.commit) { (card.short()) } }
            td.number { (words::ago(one.since, now)) }
            td.do { div.actions {
                @if can_be_seen(one) {
                    a.open href=(card.url) rel="noopener" aria-label=(format!("Open {}", card.subject())) { "Open" }
                }
                @for action in [Action::Approve, Action::Start, Action::Stop] {
                    @if may(action, one, caller) { (button(action, card, "/")) }
                }
            } }
        }
    }
}

/// The group of a repository, empty.
pub fn group(repository: &str, rows: &Markup) -> Markup {
    html! {
        tbody id=(group_id(repository)) {
            tr.repository { th colspan="6" scope="rowgroup" { (repository) } }
            (rows)
        }
    }
}

/// Whether there is anything to look at, or will be once it is awake.
pub fn can_be_seen(one: &Environment) -> bool {
    !matches!(
        one.phase,
        Phase::Unapproved | Phase::Undeployed | Phase::Removing
    )
}

/// Whether this is offered to whoever looks.
pub fn may(action: Action, one: &Environment, caller: &Caller) -> bool {
    action.is_offered(one) && caller.may_in(action.scope(), &one.revision.place.repository)
}

/// What one presses to have it happen. `back`: the page that is shown afterwards, to browsers without scripts.
pub fn button(action: Action, card: &Card, back: &str) -> Markup {
    let name = action.name();
    let label = format!(
        "{} {} {}",
        word(action),
        card.repository.name,
        card.subject()
    );
    html! {
        form.action method="post" action=(format!("/environments/{}/{name}", card.id)) {
            input type="hidden" name="back" value=(back);
            // What is approved is what is shown here, whatever is pushed meanwhile.
            @if action == Action::Approve { input type="hidden" name="commit" value=(card.commit); }
            button type="submit" class=(name) data-key=(format!("{}-{name}", card.id)) aria-label=(label) { (word(action)) }
        }
    }
}

fn word(action: Action) -> &'static str {
    match action {
        Action::Start => "Start",
        Action::Stop => "Stop",
        Action::Reset => "Reset",
        Action::Pin => "Pin",
        Action::Unpin => "Unpin",
        Action::Approve => "Approve",
        Action::Undeploy => "Undeploy",
    }
}
