//! How far environments are, in words.

use boatyard_preview::environment::Environment;
use boatyard_preview::images::Awaited;
use boatyard_preview::phase::Phase;
use boatyard_preview::time::Time;
use maud::{Markup, html};

use crate::web::moment;
use crate::web::queue::Waiting;

/// What stands between a reason and what to do about it.
const HELP: &str = "\nhelp: ";

/// A phase, with its colour.
pub fn badge(phase: Phase) -> Markup {
    let name = phase.name();
    html! { span class=(format!("badge {name}")) { (name) } }
}

/// How far it is.
pub fn sentence(one: &Environment) -> &'static str {
    match one.phase {
        Phase::Unapproved => "Its commit is from a stranger: somebody has to approve it first.",
        Phase::Undeployed => {
            "It was undeployed, or nobody used it for long: reset it, or push, and it is prepared anew."
        }
        Phase::Queued if one.images.awaited().is_some() => {
            "It waits for images that somebody else makes."
        }
        Phase::Queued => "It waits for its turn to be prepared.",
        Phase::Preparing if one.reason.is_some() => "Its preparation is being given up.",
        Phase::Preparing if one.images.are_ours() => "Its images are built, and its jobs run.",
        Phase::Preparing => "It is deployed, and its jobs run.",
        Phase::Asleep if one.asked.is_some() => {
            "It is prepared, and starts as soon as there is room."
        }
        Phase::Asleep => "It is prepared, and starts when somebody wants to see it.",
        Phase::Starting => "It starts, and does not answer yet.",
        Phase::Running => "It answers.",
        Phase::Stopping => "It is being stopped.",
        Phase::Saving if one.asked.is_some() => {
            "A snapshot of its data is made; then it starts, as soon as there is room."
        }
        Phase::Saving => "A snapshot of its data is made.",
        Phase::Restoring if one.asked.is_some() => {
            "Its data becomes that of a snapshot; then it starts, as soon as there is room."
        }
        Phase::Restoring => "Its data becomes that of a snapshot.",
        Phase::Failed if one.asked.is_some() => "It failed, and is tried again in a moment.",
        Phase::Failed if one.is_prepared => "It does not stay up.",
        Phase::Failed => "It could not be prepared.",
        Phase::Removing if one.is_leaving() => "It is being taken away.",
        Phase::Removing => "It is being taken away, to be made anew.",
        Phase::Stuck => {
            "What it has cannot be ended or taken away. That is tried again, and somebody should look."
        }
    }
}

/// Where it stands in the queue.
pub fn position(waiting: &Waiting) -> String {
    let position = waiting.position;
    match waiting.estimate_seconds {
        None => format!("Number {position} in the queue."),
        Some(0) => format!("Number {position} in the queue: it is its turn in a moment."),
        Some(seconds) => {
            let wait = moment::length(std::time::Duration::from_secs(seconds));
            format!("Number {position} in the queue: its turn in about {wait}.")
        }
    }
}

/// How long ago that was, and when exactly.
pub fn ago(time: Time, now: Time) -> Markup {
    let text = moment::text(time);
    html! { time.ago datetime=(text) title=(moment::words(time)) { (moment::length(now.since(time))) } }
}

/// When that was.
pub fn at(time: Time) -> Markup {
    html! { time datetime=(moment::text(time)) { (moment::words(time)) } }
}

/// Why something failed, and what to do about it if that is known.
pub fn reason(text: &str) -> Markup {
    let (why, help) = text.split_once(HELP).unwrap_or((text, ""));
    html! {
        p.reason { (why) }
        @if !help.is_empty() { p.help { "What helps: " (help) } }
    }
}

/// Which images are not there, and which pipeline has failed.
pub fn awaited(awaited: &Awaited) -> Markup {
    html! {
        @if !awaited.why.is_empty() { p.reason { (awaited.why) } }
        @if awaited.failed.is_some() {
            p.note {
                @if let Some(page) = awaited.page() { a href=(page) rel="noopener" { "A pipeline of this commit" } }
                @else { "A pipeline of this commit" }
                " has failed. As soon as its images are there it goes on."
            }
        }
    }
}

/// The first line of that: for tables.
pub fn reason_in_short(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// So many bytes.
pub fn size(bytes: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB")];
    match units.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} bytes"),
    }
}
