//! What goes wrong, told as runboat tells it: `{"detail": ...}`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::web::problem::Problem;

/// A request that is not fulfilled.
#[derive(Clone, Debug)]
pub struct Refusal {
    status: StatusCode,
    detail: Value,
    retry: Option<u32>,
}

impl Refusal {
    /// One with that detail.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: Value::String(detail.into()),
            retry: None,
        }
    }

    /// There is no such build, or not for this caller.
    pub fn not_there() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    /// What is wrong with each parameter.
    pub fn wrong(mistakes: Vec<Value>) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            detail: Value::Array(mistakes),
            retry: None,
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let detail = match problem.help {
            Some(help) => format!("{}: {help}", problem.detail),
            None => problem.detail,
        };
        Self {
            retry: problem.retry,
            ..Self::new(problem.status, detail)
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = axum::Json(json!({ "detail": self.detail }));
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            let basic = HeaderValue::from_static("Basic realm=\"boatyard\"");
            headers.insert(header::WWW_AUTHENTICATE, basic);
        }
        if let Some(seconds) = self.retry {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
