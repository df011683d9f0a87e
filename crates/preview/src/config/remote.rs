//! Where a revision is fetched from.

use super::{Config, Forge, Kind, Source};
use crate::revision::{Place, Subject};

/// What Git is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote<'a> {
    /// The URL, without a token.
    pub url: String,
    /// The reference that leads to the commit, also to one from a fork: the forge keeps it in the repository itself.
    pub reference: String,
    /// What is said as the user where there is a token.
    pub user: &'static str,
    /// Where the token is.
    pub token: Option<&'a Source>,
    /// A file with the certificates of the forge's own authority.
    pub authority: Option<&'a str>,
    /// The folder of boatyard.toml; `.`: the topmost.
    pub root: &'a str,
}

impl Config {
    /// Where the commits of a place are; none: it is not watched.
    pub fn remote(&self, place: &Place) -> Option<Remote<'_>> {
        let watched = self.watched(&place.repository)?;
        let forge = self.forges.get(&watched.forge)?;
        Some(Remote {
            url: forge.clone_url(&watched.name),
            reference: forge.reference(&place.subject),
            user: forge.kind.git_user(),
            token: forge.token.as_ref(),
            authority: forge.authority.as_deref(),
            root: &watched.root,
        })
    }
}

impl Forge {
    /// What Git clones.
    pub fn clone_url(&self, name: &str) -> String {
        let ending = if self.kind.has_api() { ".git" } else { "" };
        self.url.with(&format!("/{name}{ending}"))
    }

    /// Where the forge keeps the newest commit of a subject.
    pub fn reference(&self, subject: &Subject) -> String {
        match (subject, self.kind) {
            (Subject::Branch(name), _) => format!("refs/heads/{name}"),
            (Subject::PullRequest(number), Kind::GitLab) => {
                format!("refs/merge-requests/{number}/head")
            }
            (Subject::PullRequest(number), _) => format!("refs/pull/{number}/head"),
        }
    }

    /// The page of a subject; empty: it has none.
    pub fn page(&self, name: &str, subject: &Subject) -> String {
        let path = match (self.kind, subject) {
            (Kind::GitHub, Subject::Branch(branch)) => format!("/{name}/tree/{branch}"),
            (Kind::GitHub, Subject::PullRequest(number)) => format!("/{name}/pull/{number}"),
            (Kind::GitLab, Subject::Branch(branch)) => format!("/{name}/-/tree/{branch}"),
            (Kind::GitLab, Subject::PullRequest(number)) => {
                format!("/{name}/-/merge_requests/{number}")
            }
            (Kind::Gitea, Subject::Branch(branch)) => format!("/{name}/src/branch/{branch}"),
            (Kind::Gitea, Subject::PullRequest(number)) => format!("/{name}/pulls/{number}"),
            (Kind::Git | Kind::Generic, _) => return String::new(),
        };
        self.url.with(&path)
    }

    /// The page of a commit, as part of the pull request if it shows one; empty: it has none.
    pub fn commit_page(&self, name: &str, subject: &Subject, commit: &str) -> String {
        let path = match (self.kind, subject) {
            (Kind::GitHub, Subject::PullRequest(number)) => {
                format!("/{name}/pull/{number}/commits/{commit}")
            }
            (Kind::GitHub | Kind::Gitea, _) => format!("/{name}/commit/{commit}"),
            (Kind::GitLab, _) => format!("/{name}/-/commit/{commit}"),
            (Kind::Git | Kind::Generic, _) => return String::new(),
        };
        self.url.with(&path)
    }
}
