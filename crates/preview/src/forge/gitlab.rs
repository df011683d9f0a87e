//! Payloads of GitLab: <https://docs.gitlab.com/user/project/integrations/webhook_events/>.

use serde_json::Value;

use super::Trouble;
use super::merge_request::Said;
use super::payload::{number, text, text_or_none};
use super::word::{Push, Word, first_line};
use crate::news::About;
use crate::revision::Subject;

/// What a payload says; what it is of is in it.
pub(super) fn words(body: &Value) -> Result<Vec<Word>, Trouble> {
    match text_or_none(body, "/object_kind") {
        "push" => push(body),
        "merge_request" => merge_request(body),
        _ => Ok(Vec::new()),
    }
}

fn repository(body: &Value) -> Result<String, Trouble> {
    text(body, "/project/path_with_namespace").map(str::to_owned)
}

fn push(body: &Value) -> Result<Vec<Word>, Trouble> {
    let commits = body.get("commits").and_then(Value::as_array);
    let newest = commits.and_then(|commits| commits.last());
    let push = Push {
        repository: repository(body)?,
        reference: text(body, "/ref")?,
        after: text(body, "/after")?,
        default_branch: text_or_none(body, "/project/default_branch"),
        about: About {
            title: first_line(newest.and_then(|commit| commit.get("message"))),
            author: text_or_none(body, "/user_username").to_owned(),
            ..About::default()
        },
    };
    Ok(push.words())
}

fn merge_request(body: &Value) -> Result<Vec<Word>, Trouble> {
    let request = body.get("object_attributes").unwrap_or(&Value::Null);
    let repository = repository(body)?;
    let number = number(request, "/iid")?;
    let head = match text(request, "/state")? {
        "opened" => {
            let said = Said {
                request,
                commit: "/last_commit/id",
                url: "/url",
                // Who did something with it, who need not be who opened it: better than nobody, until it is asked for.
                author: text_or_none(body, "/user/username"),
            };
            Some(said.head()?)
        }
        "closed" | "merged" => None,
        // It is being merged.
        _ => return Ok(vec![Word::about(repository)]),
    };
    Ok(vec![Word {
        repository,
        subject: Some(Subject::PullRequest(number)),
        is_default: false,
        head,
    }])
}
