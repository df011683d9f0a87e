//! The addresses that stand in statuses and bookmarks: they lead to our page, or to what runs.

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::response::Redirect;
use boatyard_preview::config::Scope;

use super::asked::Query;
use super::lists::find;
use super::refusal::Refusal;
use super::status::Status;
use crate::web::access::Caller;
use crate::web::site::Site;

/// `GET /builds`: those of a repository.
pub async fn builds(RawQuery(query): RawQuery) -> Result<Redirect, Refusal> {
    let mut query = Query::of(query.as_deref());
    let repository = query.required("repo");
    let branch = query.filter("branch").unwrap_or_default();
    query.finish()?;
    let mut to = form_urlencoded::Serializer::new(String::new());
    to.append_pair("repository", &repository);
    if !branch.is_empty() {
        to.append_pair("branch", &branch);
    }
    Ok(Redirect::temporary(&format!("/?{}", to.finish())))
}

/// `GET /builds/{name}`: what runs, if that is asked for with `live`; else the page about it.
pub async fn build(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Redirect, Refusal> {
    let (one, status) = find(&site, &caller, Scope::Read, &name)?;
    let is_live = Query::of(query.as_deref()).text("live").is_some();
    Ok(if is_live && status == Status::Started {
        Redirect::temporary(&site.settings().url(one.id.as_str()))
    } else {
        Redirect::temporary(&format!("/environments/{}", one.id))
    })
}
