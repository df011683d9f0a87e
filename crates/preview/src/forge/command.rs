//! What people say to us in comments on pull requests: `/preview stop`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::payload::{number, text, text_or_none};
use super::{Trouble, github};
use crate::config::Kind;
use crate::revision::Place;

/// What a comment begins with that is meant for us.
const BEGINS: &str = "/preview";

/// What somebody wants of the environment that a pull request has. Whether he may is for the forge to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// The pull request.
    pub place: Place,
    /// What: `stop`.
    pub verb: String,
    /// What more he says: a commit.
    pub word: Option<String>,
    /// Who wants it, by the name that the forge has for him.
    pub author: String,
    /// The number of the comment.
    pub comment: u64,
}

impl Command {
    /// What it is known by: what is said in the same comment is the same, however often it is heard of.
    pub fn key(&self) -> String {
        format!("{} comment {}", self.place, self.comment)
    }
}

/// A comment that is meant for us, before anybody has looked whether its repository is watched.
pub(super) struct Said {
    pub repository: String,
    pub request: u64,
    pub author: String,
    pub comment: u64,
    pub words: (String, Option<String>),
}

/// What a payload says to us, if it is a new comment on a pull request and its first line is meant for us.
pub(super) fn said(kind: Kind, event: &str, body: &Value) -> Result<Option<Said>, Trouble> {
    match kind {
        Kind::GitHub | Kind::Gitea => of_hub(event, body),
        Kind::GitLab => of_lab(body),
        Kind::Git | Kind::Generic => Ok(None),
    }
}

/// Of GitHub and Gitea: `issue_comment`.
fn of_hub(event: &str, body: &Value) -> Result<Option<Said>, Trouble> {
    let is_comment = matches!(event, "issue_comment" | "pull_request_comment");
    let is_request = body
        .pointer("/issue/pull_request")
        .is_some_and(Value::is_object)
        || body.get("is_pull") == Some(&Value::Bool(true));
    let is_new = text_or_none(body, "/action") == "created";
    let words = words(text_or_none(body, "/comment/body")).filter(|_| is_comment && is_request);
    let Some(words) = words.filter(|_| is_new) else {
        return Ok(None);
    };
    Ok(Some(Said {
        repository: github::repository(body)?,
        request: number(body, "/issue/number")?,
        author: text(body, "/comment/user/login")?.to_owned(),
        comment: number(body, "/comment/id")?,
        words,
    }))
}

/// Of GitLab: a note on a merge request. Older ones do not say that it is new: those that are changed come with an action.
fn of_lab(body: &Value) -> Result<Option<Said>, Trouble> {
    let is_note = text_or_none(body, "/object_kind") == "note"
        && text_or_none(body, "/object_attributes/noteable_type") == "MergeRequest";
    let is_new = matches!(
        text_or_none(body, "/object_attributes/action"),
        "" | "create"
    );
    let words = words(text_or_none(body, "/object_attributes/note")).filter(|_| is_note && is_new);
    let Some(words) = words else { return Ok(None) };
    Ok(Some(Said {
        repository: text(body, "/project/path_with_namespace")?.to_owned(),
        request: number(body, "/merge_request/iid")?,
        author: text(body, "/user/username")?.to_owned(),
        comment: number(body, "/object_attributes/id")?,
        words,
    }))
}

/// The verb, and one word more, of a comment whose first line has nothing else.
fn words(comment: &str) -> Option<(String, Option<String>)> {
    let mut words = comment.lines().next()?.split_whitespace();
    if words.next() != Some(BEGINS) {
        return None;
    }
    let verb = words.next().unwrap_or_default().to_owned();
    let word = words.next().map(str::to_owned);
    words.next().is_none().then_some((verb, word))
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn what_is_meant_for_us() {
        for (comment, expected) in [
            ("/preview stop", Some("stop ")),
            (
                "/preview  approve c0ffee1 \r\nI have read it.",
                Some("approve c0ffee1"),
            ),
            ("/preview", Some(" ")),
            ("/previews stop", None),
            ("Try\n/preview stop", None),
            ("> /preview stop", None),
            ("/preview stop it now", None),
            ("", None),
        ] {
            let found =
                words(comment).map(|(verb, word)| format!("{verb} {}", word.unwrap_or_default()));
            assert_eq!(found.as_deref(), expected, "{comment:?}");
        }
    }
}
