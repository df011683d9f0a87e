//! `POST /environments/ID/ACTION`: what people press.

use axum::Extension;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::address;
use super::layout::problem_page;
use crate::web::access::{self, Caller};
use crate::web::action::Action;
use crate::web::api;
use crate::web::problem::Problem;
use crate::web::site::Site;

/// What the form has.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Back {
    back: String,
    commit: Option<String>,
}

/// `POST /environments/ID/ACTION`
pub async fn act(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path((id, action)): Path<(String, String)>,
    back: Result<Form<Back>, FormRejection>,
) -> Response {
    let Some(action) = Action::named(&action) else {
        return problem_page(
            &Problem::new(StatusCode::NOT_FOUND, "nothing of that name can be done"),
            Some(&caller),
        );
    };
    if !caller.may(action.scope()) {
        let name = access::name(action.scope());
        let problem = Problem::new(
            StatusCode::FORBIDDEN,
            format!("this needs a token with the scope \"{name}\""),
        );
        return problem_page(&problem.help("log in with one"), Some(&caller));
    }
    let Form(form) = back.unwrap_or_default();
    let about = (id.as_str(), form.commit.as_deref());
    match api::act(&site, &caller, about, action).await {
        Ok(_) => Redirect::to(address::own(&form.back)).into_response(),
        Err(problem) => problem_page(&problem, Some(&caller)),
    }
}
