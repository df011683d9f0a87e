//! What a payload says, before anybody has looked whether it is watched.

use serde_json::Value;

use crate::news::About;
use crate::revision::Subject;
use crate::wanted::Head;

/// One thing that a payload says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// The repository, as the forge names it.
    pub repository: String,
    /// What of it; none: something of it is different, and it has to be asked what.
    pub subject: Option<Subject>,
    /// Whether that is its default branch.
    pub is_default: bool,
    /// The newest commit; none: it is closed, merged or deleted.
    pub head: Option<(Head, About)>,
}

impl Word {
    /// Something of that repository is different.
    pub fn about(repository: String) -> Self {
        Self {
            repository,
            subject: None,
            is_default: false,
            head: None,
        }
    }
}

/// What a push says, whichever forge it is of.
pub(super) struct Push<'a> {
    pub repository: String,
    /// The whole name of the reference.
    pub reference: &'a str,
    /// The commit that it leads to now; zeros: it is gone.
    pub after: &'a str,
    pub default_branch: &'a str,
    pub about: About,
}

impl Push<'_> {
    /// What it says of a branch; of a tag it says nothing.
    pub fn words(self) -> Vec<Word> {
        let Some(branch) = self.reference.strip_prefix("refs/heads/") else {
            return Vec::new();
        };
        if !is_branch(branch) {
            return Vec::new();
        }
        let head = Head {
            commit: self.after.to_ascii_lowercase(),
            // Who pushes to the repository may write to it.
            is_trusted: true,
            is_draft: false,
            source: None,
        };
        let is_gone = is_zero(self.after);
        if !is_gone && !is_commit(self.after) {
            return vec![Word::about(self.repository)];
        }
        vec![Word {
            is_default: branch == self.default_branch,
            subject: Some(Subject::Branch(branch.to_owned())),
            repository: self.repository,
            head: (!is_gone).then_some((head, self.about)),
        }]
    }
}

/// Whether it is the name of a commit: 40 digits with SHA-1, 64 with SHA-256.
pub fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64)
        && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        && !is_zero(text)
}

/// Whether it is what Git writes for no commit.
pub(super) fn is_zero(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte == b'0')
}

/// Whether Git permits that name for a branch (git-check-ref-format), and nothing more than that.
pub fn is_branch(name: &str) -> bool {
    let is_part = |part: &str| {
        let is_locked = part.strip_suffix(".lock").is_some();
        !part.is_empty() && !part.starts_with('.') && !part.ends_with('.') && !is_locked
    };
    name.split('/').all(is_part)
        && !name.starts_with('-')
        && !name.contains("..")
        && !name.contains("@{")
        && !name.contains(|c: char| c.is_control() || " ~^:?*[\\".contains(c))
}

/// The first line of the message of the newest commit.
pub(super) fn first_line(message: Option<&Value>) -> String {
    let message = message.and_then(Value::as_str).unwrap_or_default();
    message.lines().next().unwrap_or_default().to_owned()
}
