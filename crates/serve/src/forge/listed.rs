//! What a forge says of a repository.

use boatyard_preview::news::About;
use boatyard_preview::revision::Subject;
use boatyard_preview::wanted::Head;

/// All that is open, to the last page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// The default branch; empty: there is none.
    pub default_branch: String,
    /// Every branch and pull request that is watched.
    pub open: Vec<(Subject, Head, About)>,
}

/// What it says of one subject, positively.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It is open.
    Open(Head, About),
    /// It is closed, merged, or not there, while the repository is.
    Closed,
}

/// The head of a branch: who pushed there may write.
pub(super) fn branch(commit: &str) -> Head {
    Head {
        commit: commit.to_ascii_lowercase(),
        is_trusted: true,
        is_draft: false,
        source: None,
    }
}
