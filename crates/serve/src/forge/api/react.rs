//! Answering a comment without a word.

use std::time::Duration;

use boatyard_preview::config::Kind;
use boatyard_preview::revision::{Place, Subject};
use serde_json::json;
use ureq::http::Method;

use super::path::escaped;
use super::{Client, hub, lab};
use crate::forge::ForgeError;

/// What a comment is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// It is done.
    Done,
    /// Whoever wrote it may not.
    No,
    /// It is not understood, or cannot be done now.
    What,
}

impl Client {
    /// Whether somebody may write to the repository, as the forge says now or has said within `holds`.
    ///
    /// # Errors
    /// If the forge does not say.
    pub fn may_write(&self, name: &str, user: &str, holds: Duration) -> Result<bool, ForgeError> {
        self.trust
            .may_write((name, user), holds, || match self.kind {
                Kind::GitLab => lab::may_write(&self.http, name, user),
                _ => hub::may_write(&self.http, name, user),
            })
    }

    /// Says something in a comment of its own on a pull request.
    ///
    /// # Errors
    /// If the forge did not take it, or nobody knows.
    pub fn say(&self, place: &Place, text: &str) -> Result<(), ForgeError> {
        let Subject::PullRequest(request) = place.subject else {
            return Ok(());
        };
        let all = self.comments(&place.repository.name, request);
        let body = json!({ "body": text });
        self.http.send(&Method::POST, &all, &body).map(|_| ())
    }

    /// Reacts to a comment on a pull request.
    ///
    /// # Errors
    /// If the forge did not take it, or nobody knows.
    pub fn react(&self, place: &Place, comment: u64, reaction: Reaction) -> Result<(), ForgeError> {
        let name = &place.repository.name;
        let (path, body) = match (&place.subject, self.kind) {
            (Subject::Branch(_), _) => return Ok(()),
            (Subject::PullRequest(request), Kind::GitLab) => {
                let name = escaped(name, false);
                let emoji = match reaction {
                    Reaction::Done => "thumbsup",
                    Reaction::No => "no_entry_sign",
                    Reaction::What => "confused",
                };
                (
                    format!(
                        "/projects/{name}/merge_requests/{request}/notes/{comment}/award_emoji"
                    ),
                    json!({ "name": emoji }),
                )
            }
            (Subject::PullRequest(_), _) => {
                let name = escaped(name, true);
                let content = match reaction {
                    Reaction::Done => "+1",
                    Reaction::No => "-1",
                    Reaction::What => "confused",
                };
                (
                    format!("/repos/{name}/issues/comments/{comment}/reactions"),
                    json!({ "content": content }),
                )
            }
        };
        self.http.send(&Method::POST, &path, &body).map(|_| ())
    }
}
