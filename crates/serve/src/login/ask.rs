//! Questions to whom people log in at, by our own connection.

use serde_json::Value;
use ureq::http::Response;
use ureq::{Agent, Body};

use super::error::LoginError;

/// Bytes that an answer may have.
const LARGEST: u64 = 4 << 20;

/// What is at `url`, for whoever has that token.
pub fn get(agent: &Agent, url: &str, token: Option<&str>) -> Result<Value, LoginError> {
    let mut request = agent.get(url).header("accept", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    read(url, request.call())
}

/// What is answered to a form; `authorization`: who sends it.
pub fn post(
    agent: &Agent,
    url: &str,
    fields: &[(&str, &str)],
    authorization: Option<&str>,
) -> Result<Value, LoginError> {
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let mut request = agent
        .post(url)
        .header("accept", "application/json")
        .header("content-type", "application/x-www-form-urlencoded");
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    read(url, request.send(form))
}

fn read(url: &str, answer: Result<Response<Body>, ureq::Error>) -> Result<Value, LoginError> {
    let unreachable = |source| LoginError::Unreachable {
        url: url.to_owned(),
        source: Box::new(source),
    };
    let mut response = answer.map_err(unreachable)?;
    let status = response.status().as_u16();
    if !(200..300).contains(&status) {
        let url = url.to_owned();
        return Err(LoginError::Unexpected { url, status });
    }
    let body = response
        .body_mut()
        .with_config()
        .limit(LARGEST)
        .read_to_vec();
    serde_json::from_slice(&body.map_err(unreachable)?)
        .map_err(|_| LoginError::strange(url, "it is not JSON"))
}
