//! One request, and what becomes of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use boatyard_preview::config::Concealed;
use serde_json::Value;
use ureq::http::{Method, Response, StatusCode};
use ureq::{Agent, Body};

use super::agent::agent;
use super::answer::{Answer, has_next, header, total, wait};
use crate::forge::ForgeError;

/// Bytes that an answer may have: a page of a hundred pull requests with long texts has about three million.
const LARGEST: u64 = 32 << 20;
/// Answers that are kept to be asked for again with their tag.
const KEPT: usize = 256;

/// A forge's API.
pub(super) struct Http {
    agent: Agent,
    base: String,
    token: Option<Concealed>,
    accept: &'static str,
    kept: Mutex<BTreeMap<String, (String, Answer)>>,
    /// Before that nobody asks.
    limited: Mutex<Option<Instant>>,
}

impl Http {
    pub fn new(
        base: &str,
        token: Option<Concealed>,
        accept: &'static str,
        authority: Option<&Path>,
    ) -> std::io::Result<Self> {
        Ok(Self {
            agent: agent(base, authority)?,
            base: base.to_owned(),
            token,
            accept,
            kept: Mutex::default(),
            limited: Mutex::default(),
        })
    }

    /// What is at `path`. What has not changed since is not sent again, which some forges do not count.
    pub fn get(&self, path: &str) -> Result<Answer, ForgeError> {
        let known = lock(&self.kept).get(path).cloned();
        let tag = known.as_ref().map(|(tag, _)| tag.as_str());
        let mut response = self.run(&Method::GET, path, None, tag)?;
        if response.status() == StatusCode::NOT_MODIFIED
            && let Some((_, answer)) = known
        {
            return Ok(answer);
        }
        let answer = self.answer(path, &mut response)?;
        let mut kept = lock(&self.kept);
        match header(&response, "etag") {
            Some(tag) if kept.len() < KEPT || kept.contains_key(path) => {
                kept.insert(path.to_owned(), (tag.to_owned(), answer.clone()));
            }
            _ => {
                kept.remove(path);
            }
        }
        Ok(answer)
    }

    /// All items of a list, to the last page. `size`: how many a page has, with the name that the forge has for it.
    pub fn list(&self, path: &str, size: (&str, usize)) -> Result<Vec<Value>, ForgeError> {
        let mut all: Vec<Value> = Vec::new();
        let mut expected = None;
        // A forge that always has another page is not listened to for ever.
        for page in 1..=1000 {
            let mark = if path.contains('?') { '&' } else { '?' };
            let path = format!("{path}{mark}{}={}&page={page}", size.0, size.1);
            let answer = self.get(&path)?;
            let Value::Array(items) = answer.value else {
                return Err(self.strange(&path, "it is not a list"));
            };
            expected = answer.total.or(expected);
            all.extend(items);
            if answer.has_next {
                continue;
            }
            if expected.is_some_and(|expected| expected > all.len() as u64) {
                return Err(self.strange(&path, "the list ends before its end"));
            }
            return Ok(all);
        }
        Err(self.strange(path, "the list has no end"))
    }

    /// Sends a body.
    pub fn send(&self, method: &Method, path: &str, body: &Value) -> Result<Value, ForgeError> {
        let mut response = self.run(method, path, Some(body), None)?;
        Ok(self.answer(path, &mut response)?.value)
    }

    /// What was answered is not what it should be.
    pub fn strange(&self, path: &str, what: &str) -> ForgeError {
        ForgeError::Strange {
            url: self.url(path),
            what: what.to_owned(),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn run(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        tag: Option<&str>,
    ) -> Result<Response<Body>, ForgeError> {
        let url = self.url(path);
        let now = Instant::now();
        if let Some(until) = lock(&self.limited).filter(|until| *until > now) {
            return Err(ForgeError::Limited {
                url,
                wait: until - now,
            });
        }
        let mut request = ureq::http::Request::builder()
            .method(method.clone())
            .uri(&url);
        request = request.header("accept", self.accept);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {}", token.reveal()));
        }
        if let Some(tag) = tag {
            request = request.header("if-none-match", tag);
        }
        let unreachable = |source| ForgeError::Unreachable {
            url: url.clone(),
            source: Box::new(source),
        };
        let sent = match body {
            Some(body) => request
                .header("content-type", "application/json")
                .body(body.to_string())
                .map_err(ureq::Error::from)
                .and_then(|request| self.agent.run(request)),
            None => request
                .body(())
                .map_err(ureq::Error::from)
                .and_then(|request| self.agent.run(request)),
        };
        let response = sent.map_err(unreachable)?;
        if let Some(wait) = wait(&response) {
            *lock(&self.limited) = Some(now + wait);
            return Err(ForgeError::Limited { url, wait });
        }
        match response.status().as_u16() {
            200..=299 | 304 => Ok(response),
            404 | 410 => Err(ForgeError::NotThere { url }),
            status @ (401 | 403) => Err(ForgeError::Refused { url, status }),
            status => Err(ForgeError::Unexpected { url, status }),
        }
    }

    fn answer(&self, path: &str, response: &mut Response<Body>) -> Result<Answer, ForgeError> {
        let (has_next, total) = (has_next(response), total(response));
        let status = response.status();
        let body = response
            .body_mut()
            .with_config()
            .limit(LARGEST)
            .read_to_vec();
        let body = body.map_err(|source| ForgeError::Unreachable {
            url: self.url(path),
            source: Box::new(source),
        })?;
        let value = if status == StatusCode::NO_CONTENT || body.is_empty() && status.as_u16() != 200
        {
            Value::Null
        } else {
            serde_json::from_slice(&body).map_err(|_| self.strange(path, "it is not JSON"))?
        };
        Ok(Answer {
            value,
            has_next,
            total,
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What was known before a panic is still right.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
