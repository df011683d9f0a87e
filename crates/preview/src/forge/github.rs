//! Payloads of GitHub: <https://docs.github.com/webhooks/webhook-events-and-payloads>.

use serde_json::Value;

use super::Trouble;
use super::payload::{text, text_or_none};
use super::pull_request::PullRequest;
use super::word::{Push, Word, first_line};
use crate::news::About;

/// What a payload of that event says.
pub(super) fn words(event: &str, body: &Value) -> Result<Vec<Word>, Trouble> {
    match event {
        "push" => push(body),
        "delete" => deleted(body),
        // Whatever the action is: the state counts.
        "pull_request" => {
            let request = body.get("pull_request").unwrap_or(&Value::Null);
            Ok(vec![PullRequest::read(request)?.word(repository(body)?)])
        }
        // Renamed, made private, another default branch: who knows. A member who may write now may be a fork's author.
        "repository" | "member" | "public" => Ok(vec![Word::about(repository(body)?)]),
        _ => Ok(Vec::new()),
    }
}

pub(super) fn repository(body: &Value) -> Result<String, Trouble> {
    text(body, "/repository/full_name").map(str::to_owned)
}

pub(super) fn push(body: &Value) -> Result<Vec<Word>, Trouble> {
    let author = ["/pusher/login", "/pusher/name", "/sender/login"]
        .map(|at| text_or_none(body, at))
        .into_iter()
        .find(|name| !name.is_empty());
    let newest = ["/head_commit/message", "/commits/0/message"];
    let push = Push {
        repository: repository(body)?,
        reference: text(body, "/ref")?,
        after: text(body, "/after")?,
        default_branch: text_or_none(body, "/repository/default_branch"),
        about: About {
            title: first_line(newest.iter().find_map(|at| body.pointer(at))),
            author: author.unwrap_or_default().to_owned(),
            ..About::default()
        },
    };
    Ok(push.words())
}

/// `ref` is the bare name here, of a branch or of a tag.
pub(super) fn deleted(body: &Value) -> Result<Vec<Word>, Trouble> {
    if text(body, "/ref_type")? != "branch" {
        return Ok(Vec::new());
    }
    let name = text(body, "/ref")?;
    let push = Push {
        repository: repository(body)?,
        reference: &format!(
            "refs/heads/{}",
            name.strip_prefix("refs/heads/").unwrap_or(name)
        ),
        after: &"0".repeat(40),
        default_branch: text_or_none(body, "/repository/default_branch"),
        about: About::default(),
    };
    Ok(push.words())
}
