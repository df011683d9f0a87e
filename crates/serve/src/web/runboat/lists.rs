//! `GET /api/v1/status`, `/repos`, `/builds`, `/builds/{name}`

use std::collections::BTreeMap;

use axum::Extension;
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use boatyard_preview::config::Scope;
use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::phase::Phase;
use serde::Serialize;

use super::asked::Query;
use super::build::Build;
use super::filter::Filter;
use super::refusal::Refusal;
use super::status::Status;
use crate::web::access::Caller;
use crate::web::api;
use crate::web::site::Site;

/// How many builds there are and may be.
#[derive(Default, Serialize)]
pub struct Counts {
    deployed: usize,
    max_deployed: usize,
    failed: usize,
    stopped: usize,
    started: usize,
    max_started: usize,
    to_initialize: usize,
    initializing: usize,
    max_initializing: usize,
    undeploying: usize,
}

/// A repository that has builds.
#[derive(Serialize)]
pub struct Repo {
    name: String,
    link: String,
}

/// `GET /api/v1/status`
pub async fn status(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
) -> Json<Counts> {
    let counts = site.keeper().look(|known| {
        let limits = &known.policy.limits;
        let mut counts = Counts {
            max_deployed: limits.kept,
            max_started: limits.running,
            max_initializing: limits.preparing,
            ..Counts::default()
        };
        let seen = known
            .inventory
            .all()
            .filter(|one| caller.may_in(Scope::Read, &one.revision.place.repository));
        seen.for_each(|one| counts.count(one));
        counts
    });
    Json(counts)
}

impl Counts {
    fn count(&mut self, one: &Environment) {
        let Some(status) = Status::of(one) else {
            return;
        };
        let counter = match status {
            Status::Stopped => &mut self.stopped,
            Status::Started => &mut self.started,
            Status::Failed => &mut self.failed,
            Status::Undeploying => &mut self.undeploying,
            Status::Initializing if one.phase == Phase::Preparing => &mut self.initializing,
            Status::Initializing => &mut self.to_initialize,
            Status::Starting | Status::Stopping => {
                self.deployed += 1;
                return;
            }
        };
        *counter += 1;
        if status != Status::Undeploying {
            self.deployed += 1;
        }
    }
}

/// `GET /api/v1/repos`
pub async fn repos(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
) -> Json<Vec<Repo>> {
    let hooks = site.hooks();
    let names: BTreeMap<String, String> = site.keeper().look(|known| {
        let shown = known
            .inventory
            .all()
            .filter(|one| Status::of(one).is_some());
        let repositories = shown.map(|one| &one.revision.place.repository);
        repositories
            .filter(|repository| caller.may_in(Scope::Read, repository))
            .map(|repository| {
                let link = hooks
                    .config
                    .watched(repository)
                    .and_then(|watched| hooks.config.forges.get(&watched.forge))
                    .map(|forge| forge.url.with(&format!("/{}", repository.name)));
                (repository.name.to_lowercase(), link.unwrap_or_default())
            })
            .collect()
    });
    let repos = names.into_iter().map(|(name, link)| Repo { name, link });
    Json(repos.collect())
}

/// `GET /api/v1/builds`
pub async fn builds(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<Build>>, Refusal> {
    let filter = Filter::read(Query::of(query.as_deref()), &["status"])?;
    let mut builds = find_all(&site, &caller, &filter);
    builds.reverse();
    let lean = |(_, build): (Id, Build)| build.without_nulls();
    Ok(Json(builds.into_iter().map(lean).collect()))
}

/// `GET /api/v1/builds/{name}`
pub async fn build(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
) -> Result<Json<Build>, Refusal> {
    let (one, status) = find(&site, &caller, Scope::Read, &name)?;
    let (hooks, settings) = (site.hooks(), site.settings());
    let build = site.keeper().look(|known| {
        let about = known.abouts.get(&one.revision.place);
        Build::of(&one, status, about, (&hooks.config, &settings))
    });
    Ok(Json(build))
}

/// The builds that this caller may see and means, by repository, branch and age.
pub fn find_all(site: &Site, caller: &Caller, filter: &Filter) -> Vec<(Id, Build)> {
    let (hooks, settings) = (site.hooks(), site.settings());
    let mut builds: Vec<(Id, Build)> = site.keeper().look(|known| {
        let meant = known.inventory.all().filter_map(|one| {
            let place = &one.revision.place;
            let about = known.abouts.get(place);
            let is_meant = caller.may_in(Scope::Read, &place.repository) && filter.is(one, about);
            let status = Status::of(one).filter(|_| is_meant)?;
            let build = Build::of(one, status, about, (&hooks.config, &settings));
            Some((one.id, build))
        });
        meant.collect()
    });
    builds.sort_by_cached_key(|(_, build)| build.key());
    builds
}

/// The build of that name, if this caller may do that with it.
pub fn find(
    site: &Site,
    caller: &Caller,
    scope: Scope,
    name: &str,
) -> Result<(Environment, Status), Refusal> {
    let one = api::find(site, caller, scope, name).map_err(|problem| {
        if problem.status == axum::http::StatusCode::NOT_FOUND {
            Refusal::not_there()
        } else {
            problem.into()
        }
    })?;
    let status = Status::of(&one).ok_or_else(Refusal::not_there)?;
    Ok((one, status))
}
