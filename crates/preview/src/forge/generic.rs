//! Our own payload, for whatever else knows of branches and pull requests.
//!
//! ```json
//! {"repository": "acme/shop", "branch": "main", "commit": "..."}
//! {"repository": "acme/shop", "pull-request": 5, "commit": "...", "trusted": true, "draft": false, "source": "feature/x",
//!  "title": "...", "author": "...", "url": "...", "target": "main"}
//! {"repository": "acme/shop", "pull-request": 5, "closed": true}
//! {"repository": "acme/shop", "commit": "...", "pipeline": "failed", "url": "..."}        or "success"
//! ```

use serde::Deserialize;
use serde_json::Value;

use super::Trouble;
use super::word::{Word, is_branch, is_commit};
use crate::news::About;
use crate::revision::Subject;
use crate::wanted::Head;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Payload {
    repository: String,
    branch: Option<String>,
    pull_request: Option<u64>,
    commit: Option<String>,
    #[serde(default)]
    closed: bool,
    #[serde(default)]
    default: bool,
    trusted: Option<bool>,
    #[serde(default)]
    draft: bool,
    source: Option<String>,
    #[serde(default)]
    title: String,
    #[serde(default)]
    author: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    target: String,
    pipeline: Option<String>,
}

/// What the payload says.
pub(super) fn words(body: &Value) -> Result<Vec<Word>, Trouble> {
    let malformed = |what: &str| Trouble::Malformed {
        what: what.to_owned(),
    };
    let payload = Payload::deserialize(body).map_err(|error| malformed(&error.to_string()))?;
    if let Some(outcome) = &payload.pipeline {
        let is_known = matches!(outcome.as_str(), "success" | "failed");
        let is_of_commit = payload.commit.as_deref().is_some_and(is_commit);
        // What it is of is read where pipelines are.
        return match (is_known, is_of_commit) {
            (true, true) => Ok(Vec::new()),
            (true, false) => Err(malformed("commit is not the whole name of a commit")),
            (false, _) => Err(malformed("pipeline is neither \"success\" nor \"failed\"")),
        };
    }
    let subject = match (payload.branch, payload.pull_request) {
        (Some(name), None) if is_branch(&name) => Subject::Branch(name),
        (Some(_), None) => return Err(malformed("no branch has that name")),
        (None, Some(number)) => Subject::PullRequest(number),
        _ => return Err(malformed("expected either branch or pull-request")),
    };
    let commit = match (payload.commit, payload.closed) {
        (Some(commit), false) if is_commit(&commit) => Some(commit.to_ascii_lowercase()),
        (Some(_), false) => return Err(malformed("commit is not the whole name of a commit")),
        (None, true) => None,
        _ => return Err(malformed("expected either commit or \"closed\": true")),
    };
    let is_branch = matches!(subject, Subject::Branch(_));
    let about = About {
        title: payload.title,
        author: payload.author,
        url: payload.url,
        target: payload.target,
    };
    let head = commit.map(|commit| Head {
        commit,
        is_trusted: payload.trusted.unwrap_or(is_branch),
        is_draft: payload.draft,
        source: payload.source,
    });
    Ok(vec![Word {
        repository: payload.repository,
        subject: Some(subject),
        is_default: payload.default,
        head: head.map(|head| (head, about)),
    }])
}
