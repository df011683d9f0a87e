//! Payloads of Gitea and Forgejo: <https://docs.gitea.com/usage/webhooks>. They look like those of GitHub.

use serde_json::Value;

use super::pull_request::PullRequest;
use super::word::Word;
use super::{Trouble, github};

/// What a payload of that event says.
pub(super) fn words(event: &str, body: &Value) -> Result<Vec<Word>, Trouble> {
    match event {
        "push" => github::push(body),
        "delete" => github::deleted(body),
        "pull_request" | "pull_request_sync" | "pull_request_label" => {
            let request = body.get("pull_request").unwrap_or(&Value::Null);
            Ok(vec![
                PullRequest::read(request)?.word(github::repository(body)?),
            ])
        }
        "repository" => Ok(vec![Word::about(github::repository(body)?)]),
        _ => Ok(Vec::new()),
    }
}
