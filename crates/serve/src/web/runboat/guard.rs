//! Who asks in runboat's way: with a name and a password, or as anywhere else here.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use boatyard_preview::config::Scope;

use super::refusal::Refusal;
use crate::web::access::{Caller, Entered, admit, entered, guessed_too_often};
use crate::web::peer::Peer;
use crate::web::site::Site;

/// Lets through who may, with a [`Caller`] among the extensions.
pub async fn guard(
    State((site, scope)): State<(Site, Scope)>,
    mut request: Request,
    next: Next,
) -> Response {
    match check(&site, scope, &request) {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(refusal) => refusal.into_response(),
    }
}

fn check(site: &Site, scope: Scope, request: &Request) -> Result<Caller, Refusal> {
    let (headers, from) = (request.headers(), Peer::of(request).from);
    let caller = match entered(headers, from, site) {
        Entered::Known(caller) => Ok(*caller),
        Entered::Nothing => Caller::of(headers, from, site),
        Entered::Unknown => {
            let detail = "Incorrect user name or password";
            return Err(Refusal::new(StatusCode::UNAUTHORIZED, detail));
        }
        Entered::TooOften => return Err(guessed_too_often().into()),
    };
    let is_nobody = caller.as_ref().is_ok_and(|caller| !caller.is_known());
    admit(site, scope, request, caller).map_err(|problem| {
        if is_nobody && problem.status == StatusCode::UNAUTHORIZED {
            Refusal::new(problem.status, "Not authenticated")
        } else {
            problem.into()
        }
    })
}
