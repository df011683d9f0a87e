//! All routes of our own host, in tables: what programs ask for, which the document of the API describes, what people do, and what
//! runboat's clients ask for, which has a document of its own.

use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse as _;
use axum::routing::{MethodRouter, delete, get, post};
use axum::{Extension, Router};
use boatyard_preview::config::Scope;

use super::access::{guard, guard_page};
use super::hook::Room;
use super::problem::Problem;
use super::site::Site;
use super::{api, health, hook, metrics, page, runboat};

/// Bytes that a form or a request to the API may have.
const BODY: usize = 64 << 10;

/// One thing that can be asked for.
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// What one has to be allowed.
    pub scope: Scope,
    /// What answers.
    pub handler: fn() -> MethodRouter<Site>,
}

pub(super) const fn route(
    method: &'static str,
    path: &'static str,
    scope: Scope,
    handler: fn() -> MethodRouter<Site>,
) -> Route {
    Route {
        method,
        path,
        scope,
        handler,
    }
}

/// What programs ask for.
pub const API: &[Route] = &[
    route("GET", "/api/environments", Scope::Read, || get(api::list)),
    route("GET", "/api/environments/{id}", Scope::Read, || {
        get(api::one)
    }),
    route("GET", "/api/environments/{id}/history", Scope::Read, || {
        get(api::history)
    }),
    route("GET", "/api/environments/{id}/log", Scope::Read, || {
        get(api::piece)
    }),
    route(
        "GET",
        "/api/environments/{id}/log/events",
        Scope::Read,
        || get(api::follow),
    ),
    route("POST", "/api/environments/{id}/start", Scope::Use, || {
        post(api::start)
    }),
    route(
        "POST",
        "/api/environments/{id}/stop",
        Scope::Operate,
        || post(api::stop),
    ),
    route(
        "POST",
        "/api/environments/{id}/reset",
        Scope::Operate,
        || post(api::reset),
    ),
    route("POST", "/api/environments/{id}/pin", Scope::Operate, || {
        post(api::pin)
    }),
    route(
        "POST",
        "/api/environments/{id}/unpin",
        Scope::Operate,
        || post(api::unpin),
    ),
    route(
        "POST",
        "/api/environments/{id}/approve",
        Scope::Operate,
        || post(api::approve),
    ),
    route(
        "POST",
        "/api/environments/{id}/undeploy",
        Scope::Operate,
        || post(api::undeploy),
    ),
    route(
        "POST",
        "/api/environments/{id}/snapshots",
        Scope::Operate,
        || post(api::save),
    ),
    route(
        "POST",
        "/api/environments/{id}/snapshots/{name}/restore",
        Scope::Operate,
        || post(api::restore),
    ),
    route(
        "DELETE",
        "/api/environments/{id}/snapshots/{name}",
        Scope::Operate,
        || delete(api::discard),
    ),
    route("GET", "/api/events", Scope::Read, || get(api::events)),
    route("GET", "/api/queue", Scope::Read, || get(api::queue)),
    route("GET", "/api/limits", Scope::Read, || get(api::limits)),
    route("GET", "/api/audit", Scope::Read, || get(api::audit)),
    route("GET", "/metrics", Scope::Read, || get(metrics::metrics)),
];

/// What people ask for with a browser.
pub const PAGES: &[Route] = &[
    route("GET", "/", Scope::Read, || get(page::list)),
    route("GET", "/live", Scope::Read, || get(page::live)),
    route("GET", "/environments/{id}", Scope::Read, || get(page::one)),
    route("GET", "/queue", Scope::Read, || get(page::queue)),
    route("GET", "/audit", Scope::Read, || get(page::audit)),
    route(
        "POST",
        "/environments/{id}/snapshots/{action}",
        Scope::Operate,
        || post(page::keep),
    ),
    // Who may do which of them is checked when it is known which.
    route("POST", "/environments/{id}/{action}", Scope::Read, || {
        post(page::act)
    }),
];

/// What answers on our own host.
pub fn router(site: &Site) -> Router {
    // Whatever way a hook comes, all of them have the same room.
    let room = Extension(Room::new(site.settings().hook_bytes));
    let open = Router::new()
        .route("/healthz", get(health::lives))
        .route("/readyz", get(health::is_ready))
        .route("/hooks/{forge}", post(hook::hear).layer(room.clone()))
        .route("/api/openapi.json", get(api::document))
        .route("/login", get(page::login).post(page::log_in))
        .route("/login/{name}", get(page::begin))
        .route("/login/{name}/callback", get(page::come_back))
        .route("/logout", post(page::log_out))
        .route("/style.css", get(page::style))
        .route("/page.js", get(page::script));
    let api = API.iter().fold(open, |router, route| {
        let layer = from_fn_with_state((site.clone(), route.scope), guard);
        router.route(route.path, (route.handler)().layer(layer))
    });
    let api = runboat::add(api, site, room);
    let all = PAGES.iter().fold(api, |router, route| {
        let layer = from_fn_with_state((site.clone(), route.scope), guard_page);
        router.route(route.path, (route.handler)().layer(layer))
    });
    all.fallback(|| async { Problem::not_there("page").into_response() })
        .method_not_allowed_fallback(|| async {
            let status = axum::http::StatusCode::METHOD_NOT_ALLOWED;
            Problem::new(status, "this cannot be asked for with that method").into_response()
        })
        .layer(DefaultBodyLimit::max(BODY))
        .with_state(site.clone())
}

/// Whether this is answered whatever host was asked for.
pub fn is_for_anybody(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz" | runboat::HOOK) || path.starts_with("/hooks/")
}
