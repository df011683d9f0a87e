//! `POST /api/v1/builds/{name}/start`, `/stop`, `/reset`, `DELETE /api/v1/builds/{name}`

use axum::Extension;
use axum::Json;
use axum::extract::{Path, State};
use boatyard_preview::phase::Phase;

use super::lists::find;
use super::refusal::Refusal;
use super::status::Status;
use crate::web::access::Caller;
use crate::web::action::Action;
use crate::web::api;
use crate::web::site::Site;

/// Nothing is told of what was done: `null`.
pub type Done = Result<Json<()>, Refusal>;

/// `POST /api/v1/builds/{name}/start`
pub async fn start(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
) -> Done {
    act(&site, &caller, &name, Action::Start).await
}

/// `POST /api/v1/builds/{name}/stop`
pub async fn stop(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
) -> Done {
    act(&site, &caller, &name, Action::Stop).await
}

/// `POST /api/v1/builds/{name}/reset`
pub async fn reset(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
) -> Done {
    act(&site, &caller, &name, Action::Reset).await
}

/// `DELETE /api/v1/builds/{name}`
pub async fn undeploy(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
) -> Done {
    act(&site, &caller, &name, Action::Undeploy).await
}

/// Has that happen. What is done only in some states is passed over in the others, without a word, as runboat does.
pub async fn act(site: &Site, caller: &Caller, name: &str, action: Action) -> Done {
    let (one, status) = find(site, caller, action.scope(), name)?;
    let is_passed_over = match action {
        Action::Start => !matches!(status, Status::Stopped | Status::Stopping),
        Action::Stop => status != Status::Started,
        // It is going to be made anyway.
        Action::Reset => {
            one.phase == Phase::Queued || status == Status::Initializing && one.leaving.is_some()
        }
        Action::Undeploy => status == Status::Undeploying && one.phase != Phase::Stuck,
        Action::Pin | Action::Unpin | Action::Approve => false,
    };
    if !is_passed_over {
        api::act(site, caller, (one.id.as_str(), None), action).await?;
    }
    Ok(Json(()))
}
