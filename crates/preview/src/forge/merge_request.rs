//! Merge requests as GitLab's API writes them: <https://docs.gitlab.com/api/merge_requests/>.

use serde_json::Value;

use super::payload::{commit, number, text, text_or_none};
use super::pull_request::is_draft_title;
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
        let said = Said {
            request: value,
            commit: "/sha",
            url: "/web_url",
            author: &author,
        };
        let head = said.head()?;
        Ok(Self {
            number,
            head: Some(head),
            author,
        })
    }
}

/// A merge request as an answer or a payload has it.
pub(super) struct Said<'a> {
    pub request: &'a Value,
    /// Where the commit is in it.
    pub commit: &'static str,
    /// Where its page is in it.
    pub url: &'static str,
    /// Who opened it.
    pub author: &'a str,
}

impl Said<'_> {
    /// Its newest commit, and what people want to know of it.
    pub fn head(&self) -> Result<(Head, About), Trouble> {
        let request = self.request;
        let [source, target] = ["/source_project_id", "/target_project_id"]
            .map(|at| request.pointer(at).and_then(Value::as_u64));
        let is_own = source.is_some() && source == target;
        let title = text_or_none(request, "/title");
        let is_draft = ["/draft", "/work_in_progress"]
            .iter()
            .find_map(|at| request.pointer(at)?.as_bool());
        let head = Head {
            commit: commit(request, self.commit)?,
            is_trusted: is_own,
            is_draft: is_draft.unwrap_or_else(|| is_draft_title(title)),
            source: is_own.then(|| text_or_none(request, "/source_branch").to_owned()),
        };
        let about = About {
            title: title.to_owned(),
            author: self.author.to_owned(),
            url: text_or_none(request, self.url).to_owned(),
            target: text_or_none(request, "/target_branch").to_owned(),
        };
        Ok((head, about))
    }
}
