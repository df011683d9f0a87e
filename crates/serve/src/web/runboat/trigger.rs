//! `POST /api/v1/builds/trigger/branch`, `/pr`: the newest commit is to have a build.

use axum::Extension;
use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use boatyard_preview::config::Scope;
use boatyard_preview::environment::Environment;
use boatyard_preview::phase::Phase;
use boatyard_preview::revision::{Place, Repository, Subject};

use super::act::Done;
use super::asked::Query;
use super::refusal::Refusal;
use crate::keeper::Known;
use crate::web::access::Caller;
use crate::web::action::Action;
use crate::web::api;
use crate::web::site::Site;

/// `POST /api/v1/builds/trigger/branch`
pub async fn branch(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Done {
    let mut query = Query::of(query.as_deref());
    let (repo, branch) = (query.required("repo"), query.required("branch"));
    query.finish()?;
    trigger(&site, &caller, &repo, &Subject::Branch(branch)).await
}

/// `POST /api/v1/builds/trigger/pr`
pub async fn pull_request(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Done {
    let mut query = Query::of(query.as_deref());
    let (repo, number) = (query.required("repo"), query.required_number("pr"));
    query.finish()?;
    let number = u64::try_from(number).map_err(|_| Refusal::not_there())?;
    trigger(&site, &caller, &repo, &Subject::PullRequest(number)).await
}

/// Whatever is open and watched has a build without being triggered. So the forge is asked about the repository, for a hook may
/// have been lost, and what was undeployed is made anew.
async fn trigger(site: &Site, caller: &Caller, repo: &str, subject: &Subject) -> Done {
    let repository = site
        .keeper()
        .look(|known| repository(known, caller, repo))
        .ok_or_else(|| {
            let detail = format!("{repo} is not a repository that is watched");
            Refusal::new(StatusCode::NOT_FOUND, detail)
        })?;
    site.mark(&repository);
    let place = Place {
        repository,
        subject: subject.clone(),
    };
    let found = site.keeper().look(|known| newest(known, &place))?;
    match found.phase {
        Phase::Undeployed => {
            api::act(site, caller, (found.id.as_str(), None), Action::Reset).await?;
        }
        Phase::Unapproved => {
            let detail = "this commit is a stranger's, and nobody has approved it yet";
            return Err(Refusal::new(StatusCode::CONFLICT, detail));
        }
        _ => {}
    }
    Ok(Json(()))
}

/// The repository of that name, with or without its forge's.
fn repository(known: &Known, caller: &Caller, name: &str) -> Option<Repository> {
    let name = name.to_lowercase();
    let all = known.policy.repositories.keys();
    all.filter(|one| caller.may_in(Scope::Operate, one))
        .find(|one| one.name.to_lowercase() == name || one.to_string().to_lowercase() == name)
        .cloned()
}

/// The environment of the newest commit of a place.
fn newest(known: &Known, place: &Place) -> Result<Environment, Refusal> {
    let listing = known.wanted.get(&place.repository);
    let head = listing.and_then(|listing| listing.open.get(&place.subject));
    let Some(head) = head else {
        let detail =
            format!("{place} is not known to be open; the forge is being asked: try again");
        return Err(Refusal::new(StatusCode::NOT_FOUND, detail));
    };
    let of_head = known
        .inventory
        .of_place(place)
        .find(|one| one.revision.commit == head.commit);
    of_head.cloned().ok_or_else(|| {
        let detail = format!("{place} is not one of those that get builds");
        Refusal::new(StatusCode::NOT_FOUND, detail)
    })
}
