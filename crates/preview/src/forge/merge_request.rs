//! Merge requests as GitLab's API writes them: <https://docs.gitlab.com/api/merge_requests/>.

use serde_json::Value;

use super::payload::{number, text, text_or_none};
use super::pull_request::is_draft_title;
use super::word::is_commit;
use super::{PullRequest, Trouble};
use crate::news::About;
use crate::wanted::Head;

impl PullRequest {
    /// The merge request in `value`.
    ///
    /// # Errors
    /// If something is missing.
    pub fn of_gitlab(value: &Value) -> Result<Self, Trouble> {
        let author = text_or_none(value, "/author/username").to_owned();
        let number = number(value, "/iid")?;
        let state = text(value, "/state")?;
        if matches!(state, "closed" | "merged") {
            return Ok(Self {
                number,
                head: None,
                author,
            });
        }
        let commit = text(value, "/sha")?.to_ascii_lowercase();
        if !is_commit(&commit) {
            let what = "sha is not a commit".to_owned();
            return Err(Trouble::Malformed { what });
        }
        let [source, target] = ["/source_project_id", "/target_project_id"]
            .map(|at| value.pointer(at).and_then(Value::as_u64));
        let is_own = source.is_some() && source == target;
        let title = text_or_none(value, "/title").to_owned();
        let is_draft = value.pointer("/draft").and_then(Value::as_bool);
        let head = Head {
            commit,
            is_trusted: is_own,
            is_draft: is_draft.unwrap_or_else(|| is_draft_title(&title)),
            source: is_own.then(|| text_or_none(value, "/source_branch").to_owned()),
        };
        let about = About {
            title,
            author: author.clone(),
            url: text_or_none(value, "/web_url").to_owned(),
            target: text_or_none(value, "/target_branch").to_owned(),
        };
        Ok(Self {
            number,
            head: Some((head, about)),
            author,
        })
    }
}
