//! `DELETE /api/v1/builds`: of all that are meant.

use axum::Extension;
use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use boatyard_preview::config::Scope;

use super::act::{Done, act};
use super::asked::Query;
use super::filter::Filter;
use super::refusal::Refusal;
use super::status::Status;
use crate::web::access::Caller;
use crate::web::action::Action;
use crate::web::site::Site;

/// `DELETE /api/v1/builds`. Each is tried, also after one could not be undeployed; what went wrong first is told.
pub async fn undeploy(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Done {
    let filter = Filter::read(Query::of(query.as_deref()), &[])?;
    // Who forgets to say which should not lose them all.
    if filter.is_all() && !caller.may_everywhere(Scope::Admin) {
        let detail = "to undeploy everything needs a token with the scope \"admin\"";
        return Err(Refusal::new(StatusCode::FORBIDDEN, detail));
    }
    let meant: Vec<String> = site.keeper().look(|known| {
        let all = known.inventory.all();
        all.filter(|one| {
            let place = &one.revision.place;
            Status::of(one).is_some()
                && caller.may_in(Scope::Operate, &place.repository)
                && filter.is(one, known.abouts.get(place))
        })
        .map(|one| one.id.to_string())
        .collect()
    });
    let mut wrong = None;
    for id in meant {
        if let Err(refusal) = act(&site, &caller, &id, Action::Undeploy).await {
            wrong.get_or_insert(refusal);
        }
    }
    wrong.map_or(Ok(Json(())), Err)
}
