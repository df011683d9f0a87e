//! All that can be asked for in runboat's way, in one table, which the document describes.

use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post};
use axum::{Extension, Router};
use boatyard_preview::config::Scope;

use super::guard::guard;
use super::{act, document, events, hook, link, lists, log, many, trigger};
use crate::web::hook::Room;
use crate::web::routes::{Route, route};
use crate::web::site::Site;

/// What runboat's clients ask for.
pub const ROUTES: &[Route] = &[
    route("GET", "/api/v1/status", Scope::Read, || get(lists::status)),
    route("GET", "/api/v1/repos", Scope::Read, || get(lists::repos)),
    route("GET", "/api/v1/builds", Scope::Read, || get(lists::builds)),
    route("DELETE", "/api/v1/builds", Scope::Operate, || {
        delete(many::undeploy)
    }),
    route(
        "POST",
        "/api/v1/builds/trigger/branch",
        Scope::Operate,
        || post(trigger::branch),
    ),
    route("POST", "/api/v1/builds/trigger/pr", Scope::Operate, || {
        post(trigger::pull_request)
    }),
    route("GET", "/api/v1/builds/{name}", Scope::Read, || {
        get(lists::build)
    }),
    route("DELETE", "/api/v1/builds/{name}", Scope::Operate, || {
        delete(act::undeploy)
    }),
    route("GET", "/api/v1/builds/{name}/init-log", Scope::Read, || {
        get(log::initializing)
    }),
    route("GET", "/api/v1/builds/{name}/log", Scope::Read, || {
        get(log::running)
    }),
    route("POST", "/api/v1/builds/{name}/start", Scope::Use, || {
        post(act::start)
    }),
    route("POST", "/api/v1/builds/{name}/stop", Scope::Operate, || {
        post(act::stop)
    }),
    route(
        "POST",
        "/api/v1/builds/{name}/reset",
        Scope::Operate,
        || post(act::reset),
    ),
    route("GET", "/api/v1/build-events", Scope::Read, || {
        get(events::events)
    }),
    route("GET", "/builds", Scope::Read, || get(link::builds)),
    route("GET", "/builds/{name}", Scope::Read, || get(link::build)),
];

/// Adds them; hooks are read where there is `room`.
pub fn add(router: Router<Site>, site: &Site, room: Extension<Room>) -> Router<Site> {
    let open = router
        .route(hook::PATH, post(hook::hear).layer(room))
        .route("/openapi.json", get(document::document));
    ROUTES.iter().fold(open, |router, route| {
        let layer = from_fn_with_state((site.clone(), route.scope), guard);
        router.route(route.path, (route.handler)().layer(layer))
    })
}
