//! Pull requests as GitHub and Gitea write them, in payloads and in answers alike.

use serde_json::Value;

use super::payload::{commit, number, text, text_or_none};
use super::{Trouble, word::Word};
use crate::news::About;
use crate::revision::Subject;
use crate::wanted::Head;

/// A pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// The newest commit; none: it is closed or merged.
    pub head: Option<(Head, About)>,
    /// Who opened it: the one whose right to write counts, if it comes from a fork.
    pub author: String,
}

impl PullRequest {
    /// The pull request in `value`. Whether a fork's may be run is not in it: that takes a question, unless the owner sent it.
    ///
    /// # Errors
    /// If something is missing.
    pub fn read(value: &Value) -> Result<Self, Trouble> {
        let number = number(value, "/number")?;
        let author = text_or_none(value, "/user/login").to_owned();
        if text(value, "/state")? != "open" {
            return Ok(Self {
                number,
                head: None,
                author,
            });
        }
        let commit = commit(value, "/head/sha")?;
        let title = text_or_none(value, "/title");
        let is_own = is_own(value);
        let is_draft = value.pointer("/draft").and_then(Value::as_bool);
        let head = Head {
            commit,
            is_trusted: is_own || text_or_none(value, "/author_association") == "OWNER",
            is_draft: is_draft.unwrap_or_else(|| is_draft_title(title)),
            source: is_own.then(|| text_or_none(value, "/head/ref").to_owned()),
        };
        let about = About {
            title: title.to_owned(),
            author: author.clone(),
            url: text_or_none(value, "/html_url").to_owned(),
            target: text_or_none(value, "/base/ref").to_owned(),
        };
        Ok(Self {
            number,
            head: Some((head, about)),
            author,
        })
    }

    pub(super) fn word(self, repository: String) -> Word {
        Word {
            repository,
            subject: Some(Subject::PullRequest(self.number)),
            is_default: false,
            head: self.head,
        }
    }
}

/// Whether it comes from a branch of the repository that it is for, which takes the right to push there. A fork that is gone is no such;
/// nor is what was pushed to `refs/for/` (in Gitea and Forgejo): that takes the right to read, its head is no branch, and its forge
/// says all the same that it is of this repository, with `refs/pull/5/head` and an empty label.
fn is_own(value: &Value) -> bool {
    let [from, to] =
        ["/head/repo/full_name", "/base/repo/full_name"].map(|at| text_or_none(value, at));
    let is_branch = !text_or_none(value, "/head/ref").starts_with("refs/")
        && value.pointer("/head/label") != Some(&Value::from(""));
    is_branch && !from.is_empty() && from.eq_ignore_ascii_case(to)
}

/// Whether a title says that it is not ready: what forges without drafts go by.
pub fn is_draft_title(title: &str) -> bool {
    let title = title.trim_start().to_lowercase();
    ["wip:", "[wip]", "draft:", "[draft]", "(draft)"]
        .iter()
        .any(|begin| title.starts_with(begin))
}
