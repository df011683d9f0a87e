//! `GET /`: all environments by repository, branch and pull request.

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use boatyard_preview::config::Scope;
use boatyard_preview::environment::Environment;
use boatyard_preview::phase::Phase;
use maud::{Markup, html};

use super::layout::{Layout, fine, problem_page};
use super::trouble::troubles;
use super::{address, row};
use crate::web::access::Caller;
use crate::web::problem::Problem;
use crate::web::search::{Asked, Found};
use crate::web::site::Site;

/// What the page shows.
struct Shown {
    found: Found,
    /// The environments themselves, as `found` has them.
    all: Vec<Environment>,
    repositories: Vec<String>,
}

/// `GET /`
pub async fn list(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let asked = asked.map_err(|refused| Problem::wrong(refused.body_text()));
    let read = asked.and_then(|Query(asked)| match asked.read() {
        Ok(search) => Ok((asked, search)),
        Err(wrong) => Err(Problem::wrong(wrong)),
    });
    let (asked, search) = match read {
        Ok(read) => read,
        Err(problem) => return problem_page(&problem, Some(&caller)),
    };
    let settings = site.settings();
    let last = site.keeper().feed().last();
    let shown = site.keeper().look(|known| {
        let (found, all) = search.find_all(known, &caller, &settings, last);
        let watched = known.policy.repositories.keys();
        let mine = watched.filter(|repository| caller.may_in(Scope::Read, repository));
        let repositories = mine.map(ToString::to_string).collect();
        Shown {
            found,
            all,
            repositories,
        }
    });
    let live = address::with("/live", &[("since", &last.to_string())], &asked);
    let layout = Layout {
        title: "Environments",
        here: "/",
        live: Some(live),
        caller: Some(&caller),
    };
    fine(layout.page(&content(&site, &asked, &shown, &caller)))
}

fn content(site: &Site, asked: &Asked, shown: &Shown, caller: &Caller) -> Markup {
    let found = &shown.found;
    html! {
        h1 { "Environments" }
        (troubles(site, caller))
        (form(asked, shown))
        div #list {
            (phases(asked, found))
            p.quiet #count { (count(found.total)) }
            @if found.total == 0 { p.quiet { (nothing(asked, shown)) } }
            (table(site, shown, caller))
            @if let Some(cursor) = &found.cursor {
                p #more {
                    a rel="next" href=(address::with("/", &[("cursor", cursor)], asked)) { "More" }
                }
            }
        }
    }
}

fn count(total: usize) -> String {
    match total {
        0 => "No environment.".to_owned(),
        1 => "1 environment.".to_owned(),
        total => format!("{total} environments."),
    }
}

/// What somebody who sees nothing can do.
fn nothing(asked: &Asked, shown: &Shown) -> &'static str {
    if *asked != Asked::default() {
        "Nothing is like that: search for less, or in all repositories and phases."
    } else if shown.repositories.is_empty() {
        "No repository is watched that you may see: log in, or name one in the configuration of the server."
    } else {
        "The first push to a branch or pull request that is watched makes one."
    }
}

fn form(asked: &Asked, shown: &Shown) -> Markup {
    html! {
        form.search role="search" method="get" action="/" data-search {
            label { span { "Search" }
                input type="search" name="text" value=(asked.text) placeholder="branch, title, author, commit" autocomplete="off";
            }
            label { span { "Repository" }
                select name="repository" {
                    option value="" { "all" }
                    @for name in &shown.repositories {
                        option value=(name) selected[*name == asked.repository] { (name) }
                    }
                }
            }
            label { span { "Phase" }
                select name="phase" {
                    option value="" { "any" }
                    @for phase in Phase::ALL.map(Phase::name) {
                        option value=(phase) selected[phase == asked.phase] { (phase) }
                    }
                }
            }
            button type="submit" { "Search" }
        }
    }
}

fn phases(asked: &Asked, found: &Found) -> Markup {
    html! {
        ul.phases aria-label="How many in each phase" {
            @for phase in Phase::ALL {
                @let name = phase.name();
                @if let Some(count) = found.phases.get(name) {
                    @let other = Asked { phase: name.to_owned(), ..asked.clone() };
                    li { a href=(address::with("/", &[], &other)) { span class=(format!("badge {name}")) { (name) } " " (count) } }
                }
            }
        }
    }
}

fn table(site: &Site, shown: &Shown, caller: &Caller) -> Markup {
    let now = site.now();
    let pairs: Vec<_> = shown.all.iter().zip(&shown.found.environments).collect();
    let groups = pairs.chunk_by(|(one, _), (other, _)| {
        one.revision.place.repository == other.revision.place.repository
    });
    html! {
        table #rows {
            caption.hidden { "Environments by repository" }
            thead {
                tr {
                    th scope="col" { "Phase" }
                    th scope="col" { "Branch or pull request" }
                    th scope="col" { "What it is" }
                    th scope="col" { "Commit" }
                    th.number scope="col" { "In this phase" }
                    th scope="col" { span.hidden { "What can be done" } }
                }
            }
            @for group in groups {
                @let rows = html! { @for (one, card) in group { (row::row(one, card, caller, now)) } };
                @let name = group.first().map(|(one, _)| one.revision.place.repository.to_string()).unwrap_or_default();
                (row::group(&name, &rows))
            }
        }
    }
}
