//! Telling a forge: statuses of commits, and one comment for each pull request.

use boatyard_preview::config::Kind;
use boatyard_preview::report::{Comment, MARK, State, Status};
use serde_json::{Value, json};
use ureq::http::Method;

use super::Client;
use super::path::escaped;
use crate::forge::ForgeError;

impl Client {
    /// Sets the status of a commit that is called `context`. Doing it again does no harm.
    ///
    /// # Errors
    /// If the forge did not take it, or nobody knows.
    pub fn tell_status(
        &self,
        name: &str,
        commit: &str,
        context: &str,
        status: &Status,
    ) -> Result<(), ForgeError> {
        let is_lab = self.kind == Kind::GitLab;
        let path = match self.kind {
            Kind::GitLab => format!("/projects/{}/statuses/{commit}", escaped(name, false)),
            _ => format!("/repos/{}/statuses/{commit}", escaped(name, true)),
        };
        let state = match status.state {
            State::Working if is_lab => "running",
            State::Failure if is_lab => "failed",
            State::Waiting | State::Working => "pending",
            State::Success => "success",
            State::Failure => "failure",
            State::Dropped if is_lab => "canceled",
            State::Dropped => "error",
        };
        let body = json!({
            "state": state,
            if is_lab { "name" } else { "context" }: context,
            "description": status.text,
            "target_url": status.url,
        });
        match self.http.send(&Method::POST, &path, &body) {
            // "Cannot transition status": GitLab has that state already.
            Err(ForgeError::Unexpected { status: 400, .. }) if is_lab => Ok(()),
            answer => answer.map(|_| ()),
        }
    }

    /// Writes the comment on a pull request: the one with that number, else the one of ours that is found, else a new one.
    /// Answers with its number.
    ///
    /// # Errors
    /// If the forge did not take it, or nobody knows.
    pub fn tell_comment(
        &self,
        name: &str,
        request: u64,
        known: Option<u64>,
        comment: &Comment,
    ) -> Result<Option<u64>, ForgeError> {
        let body = json!({"body": comment.text});
        let all = self.comments(name, request);
        let known = match known {
            Some(known) => Some(known),
            None => self.find(&all)?,
        };
        if let Some(number) = known {
            let (method, path) = match self.kind {
                Kind::GitLab => (Method::PUT, format!("{all}/{number}")),
                _ => (Method::PATCH, one_comment(name, number)),
            };
            match self.http.send(&method, &path, &body) {
                // Somebody has deleted it: then there is a new one.
                Err(ForgeError::NotThere { .. }) => {}
                answer => return answer.map(|_| Some(number)),
            }
        }
        let answer = self.http.send(&Method::POST, &all, &body)?;
        Ok(answer["id"].as_u64())
    }

    pub(super) fn comments(&self, name: &str, request: u64) -> String {
        match self.kind {
            Kind::GitLab => {
                format!(
                    "/projects/{}/merge_requests/{request}/notes",
                    escaped(name, false)
                )
            }
            _ => format!("/repos/{}/issues/{request}/comments", escaped(name, true)),
        }
    }

    /// A comment with our mark that we have written: everybody can write the mark.
    fn find(&self, all: &str) -> Result<Option<u64>, ForgeError> {
        let Ok(user) = self.http.get("/user") else {
            // Some tokens are nobody's.
            return Ok(None);
        };
        let name = |user: &Value| {
            ["login", "username"]
                .iter()
                .find_map(|key| user[*key].as_str().map(str::to_owned))
        };
        let Some(ours) = name(&user.value) else {
            return Ok(None);
        };
        let size = if self.kind == Kind::Gitea {
            "limit"
        } else {
            "per_page"
        };
        let found = self.http.list(all, (size, 50))?;
        let is_ours = |item: &&Value| {
            let author = name(&item["user"]).or_else(|| name(&item["author"]));
            item["body"]
                .as_str()
                .is_some_and(|text| text.starts_with(MARK))
                && author.as_ref() == Some(&ours)
        };
        Ok(found
            .iter()
            .find(is_ours)
            .and_then(|item| item["id"].as_u64()))
    }
}

fn one_comment(name: &str, number: u64) -> String {
    format!("/repos/{}/issues/comments/{number}", escaped(name, true))
}
