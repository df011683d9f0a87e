//! Payloads of GitLab: <https://docs.gitlab.com/user/project/integrations/webhook_events/>.

use serde_json::Value;

use super::Trouble;
use super::payload::{number, text, text_or_none};
use super::pull_request::is_draft_title;
use super::word::{Push, Word, first_line, is_commit};
use crate::news::About;
use crate::revision::Subject;
use crate::wanted::Head;

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
        "opened" => Some(head(body, request)?),
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

fn head(body: &Value, request: &Value) -> Result<(Head, About), Trouble> {
    let commit = text(request, "/last_commit/id")?.to_ascii_lowercase();
    if !is_commit(&commit) {
        let what = "last_commit.id is not a commit".to_owned();
        return Err(Trouble::Malformed { what });
    }
    let [source, target] = ["/source_project_id", "/target_project_id"]
        .map(|at| request.pointer(at).and_then(Value::as_u64));
    let is_own = source.is_some() && source == target;
    let title = text_or_none(request, "/title");
    let said = ["/draft", "/work_in_progress"]
        .iter()
        .find_map(|at| request.pointer(at)?.as_bool());
    let head = Head {
        commit,
        is_trusted: is_own,
        is_draft: said.unwrap_or_else(|| is_draft_title(title)),
        source: is_own.then(|| text_or_none(request, "/source_branch").to_owned()),
    };
    let about = About {
        title: title.to_owned(),
        // Who did something with it, who need not be who opened it: better than nobody, until it is asked for.
        author: text_or_none(body, "/user/username").to_owned(),
        url: text_or_none(request, "/url").to_owned(),
        target: text_or_none(request, "/target_branch").to_owned(),
    };
    Ok((head, about))
}
