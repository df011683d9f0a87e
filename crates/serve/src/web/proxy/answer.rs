//! What is answered on the host of an environment.

use axum::body::Body;
use axum::http::{HeaderValue, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use boatyard_preview::config::Scope;
use boatyard_preview::environment::Environment;
use boatyard_preview::phase::{Event, Phase};

use super::forward::forward;
use super::hold::{Waited, wait};
use super::robot::{is_navigation, is_robot};
use super::{reserved, wait as page};
use crate::keeper::AskError;
use crate::web::access::{Caller, is_too_often};
use crate::web::action::Action;
use crate::web::peer::Peer;
use crate::web::problem::Problem;
use crate::web::site::Site;

/// After how many seconds it is worth asking again; a browser without scripts does.
pub const AGAIN: u32 = 3;

/// Answers for the environment that is shown under this label.
pub async fn answer(site: &Site, label: &str, request: Request<Body>) -> Response {
    let Some(id) = site.directory().find(site.keeper(), label) else {
        return page::nothing(site).into_response();
    };
    if let Some(name) = request.uri().path().strip_prefix(reserved::PREFIX) {
        return reserved::answer(site, &id, name, request.headers());
    }
    let there = site
        .keeper()
        .look(|known| known.inventory.get(&id).cloned());
    let Some(environment) = there else {
        return page::nothing(site).into_response();
    };
    if environment.phase == Phase::Running
        && let Some(address) = site.backend().address(&id)
    {
        return forward(site, &id, address, request).await;
    }
    asleep(site, &environment, request).await
}

/// It does not run, or is not known to.
async fn asleep(site: &Site, environment: &Environment, request: Request<Body>) -> Response {
    let id = &environment.id;
    if is_robot(request.method(), request.headers()) {
        return page::problem("it is asleep, and robots do not wake it", AGAIN * 20)
            .into_response();
    }
    let is_page = is_navigation(request.method(), request.headers());
    let said = if environment.phase == Phase::Running {
        Ok(())
    } else {
        wake(site, environment, Peer::of(&request)).await
    };
    match said {
        // It sleeps on, and whoever looks is told why.
        Err(problem) if is_page => return page::page(site, id, Some(&problem)),
        Err(problem) => return no_store(problem.into_response()),
        Ok(()) if is_page => return page::page(site, id, None),
        Ok(()) => {}
    }
    match wait(site, id).await {
        Waited::Runs(address) => forward(site, id, address, request).await,
        Waited::Gone => page::nothing(site).into_response(),
        Waited::Failed(why) => {
            let why = why.unwrap_or_else(|| "it is not said why".to_owned());
            no_store(
                Problem::new(StatusCode::BAD_GATEWAY, format!("it failed: {why}")).into_response(),
            )
        }
        Waited::TooLong => page::problem("it does not run yet", AGAIN).into_response(),
        Waited::TooMany => page::problem("too many wait already", AGAIN).into_response(),
    }
}

/// Asks for it, if whoever wants to see it may.
async fn wake(site: &Site, environment: &Environment, from: Peer) -> Result<(), Problem> {
    let caller = Caller::anonymous(from.from, &site.settings());
    if !caller.may(Scope::Use) {
        let problem = Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "it is asleep, and visitors may not wake it",
        );
        return Err(problem.help("start it on the page of the server"));
    }
    if let Some(why) = Action::Start.refusal(environment) {
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, why).retry(AGAIN * 20));
    }
    // Who waits already has been counted.
    if environment.asked.is_some() {
        return Ok(());
    }
    if is_too_often(site, &caller) {
        let detail = "too many environments were woken from your address";
        return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, detail).retry(AGAIN * 4));
    }
    let asked = site
        .keeper()
        .ask(&environment.id, Event::Use, "visitor")
        .await;
    match asked {
        Ok(_) | Err(AskError::NotThere | AskError::Refused(_)) => Ok(()),
        Err(AskError::Stopped(stopped)) => {
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, stopped.to_string()).retry(AGAIN))
        }
    }
}

/// Nobody may keep this answer for the next time.
pub fn no_store(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
