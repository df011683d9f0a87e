//! The page that a browser shows until an environment runs.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use boatyard_preview::config::Scope;
use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::phase::Phase;
use maud::{DOCTYPE, Markup, html};

use super::answer::{AGAIN, no_store};
use super::reserved;
use crate::logs::{Part, plain};
use crate::web::access::everybody_may;
use crate::web::page::{security, words};
use crate::web::problem::Problem;
use crate::web::queue::{self, Waiting};
use crate::web::site::Site;

/// It does not run; after so many seconds it is worth asking again.
pub fn problem(detail: &str, again: u32) -> Response {
    no_store(
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
            .retry(again)
            .into_response(),
    )
}

/// Nothing is shown under this label, or not any more.
pub fn nothing(site: &Site) -> Response {
    let settings = site.settings();
    let own = settings.address.at(settings.address.host());
    let body = html! {
        h1 { "There is no such environment" }
        p { "It may have been taken away because its branch or pull request is closed." }
        p { a href=(own) { "All environments" } }
    };
    let page = page_of("There is no such environment", &body, false);
    no_store((StatusCode::NOT_FOUND, security(), page).into_response())
}

/// Whether visitors, whom nobody knows on the host of an environment, may look at how far it is.
pub fn is_for_visitors(site: &Site) -> bool {
    everybody_may(site.settings().access.anonymous, Scope::Read)
}

/// How far the environment is. `problem`: why it is not woken.
pub fn page(site: &Site, id: &Id, problem: Option<&Problem>) -> Response {
    if !is_for_visitors(site) {
        return closed(site, id, problem);
    }
    let Some((environment, waiting, last)) = look(site, id) else {
        return nothing(site);
    };
    let title = format!("{} is on its way", subject(&environment));
    let title = if problem.is_some() {
        subject(&environment)
    } else {
        title
    };
    let is_held = matches!(environment.phase, Phase::Unapproved | Phase::Undeployed);
    let goes_on = problem.is_none() && !is_held;
    let body = html! {
        h1 { (environment.revision.place) }
        div #state aria-live="polite" { (state(&environment, waiting.as_ref(), last.as_deref())) }
        @if let Some(problem) = problem {
            p.error role="alert" { (problem.detail) }
            @if let Some(help) = &problem.help { p { (help) } }
        } @else if goes_on {
            p.quiet { "This page shows it as soon as it answers." }
        }
        p { a href=(own(site, id)) { "More about it, and its log" } }
    };
    let status = problem.map_or(StatusCode::SERVICE_UNAVAILABLE, |problem| problem.status);
    let mut response = (status, security(), page_of(&title, &body, goes_on)).into_response();
    let again = problem.map_or(Some(AGAIN), |problem| problem.retry);
    if let Some(again) = again {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, again.into());
    }
    no_store(response)
}

/// It does not run, and nothing else is said of it.
fn closed(site: &Site, id: &Id, problem: Option<&Problem>) -> Response {
    let body = html! {
        h1 { "This environment does not run" }
        @if let Some(problem) = problem {
            p.error role="alert" { (problem.detail) }
            @if let Some(help) = &problem.help { p { (help) } }
        }
        p { a href=(own(site, id)) { "More about it, for who may see it" } }
    };
    let status = problem.map_or(StatusCode::SERVICE_UNAVAILABLE, |problem| problem.status);
    let page = page_of("This environment does not run", &body, false);
    no_store((status, security(), page).into_response())
}

/// An environment, where it stands in the queue, and the last line that was printed about it.
pub fn look(site: &Site, id: &Id) -> Option<(Environment, Option<Waiting>, Option<String>)> {
    let mean = site.metrics().prepare.mean();
    let (one, waiting) = site.keeper().look(|known| {
        let one = known.inventory.get(id)?.clone();
        Some((one, queue::place(known, id, mean)))
    })?;
    let part = match one.phase {
        Phase::Starting | Phase::Running | Phase::Stopping => Part::Run,
        _ if one.is_prepared => Part::Run,
        _ => Part::Prepare,
    };
    let last = site.logs().last(id, part, 1).pop();
    Some((one, waiting, last.map(|line| plain(&line))))
}

/// How far it is, for people.
pub fn state(environment: &Environment, waiting: Option<&Waiting>, last: Option<&str>) -> Markup {
    html! {
        p.phase { (words::badge(environment.phase)) " " (words::sentence(environment)) }
        @if let Some(waiting) = waiting {
            p { (words::position(waiting)) }
        }
        @if let Some(reason) = &environment.reason {
            (words::reason(reason))
        }
        @if let Some(last) = last { pre.log { (last) } }
    }
}

fn own(site: &Site, id: &Id) -> String {
    let settings = site.settings();
    format!(
        "{}/environments/{id}",
        settings.address.at(settings.address.host())
    )
}

fn subject(environment: &Environment) -> String {
    environment.revision.place.to_string()
}

fn page_of(title: &str, body: &Markup, goes_on: bool) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) }
                link rel="stylesheet" href=(format!("{}style.css", reserved::PREFIX));
                @if goes_on {
                    script src=(format!("{}wait.js", reserved::PREFIX)) defer {}
                    noscript { meta http-equiv="refresh" content=(AGAIN); }
                }
            }
            body.wait { main { (body) } }
        }
    }
}
