//! A forge, as it is configured.

use std::time::Duration;

use super::{Address, Source};

/// What a forge speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// GitHub, or GitHub Enterprise Server.
    GitHub,
    /// GitLab.
    GitLab,
    /// Gitea or Forgejo.
    Gitea,
    /// A plain Git remote, which is asked now and then.
    Git,
    /// A plain Git remote; whatever knows more sends signed news.
    Generic,
}

impl Kind {
    /// All, by the word in the file.
    pub const ALL: [(&'static str, Self); 5] = [
        ("github", Self::GitHub),
        ("gitlab", Self::GitLab),
        ("gitea", Self::Gitea),
        ("git", Self::Git),
        ("generic", Self::Generic),
    ];

    /// The word in the file.
    pub fn word(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, kind)| *kind == self);
        found.map_or("", |(word, _)| word)
    }

    /// Whether it has an API that lists pull requests.
    pub fn has_api(self) -> bool {
        matches!(self, Self::GitHub | Self::GitLab | Self::Gitea)
    }

    /// Whether it shows where commits can be seen: deployments, environments.
    pub fn has_deployments(self) -> bool {
        matches!(self, Self::GitHub | Self::GitLab)
    }

    /// Whom a token is of, where Git has to say so.
    pub fn git_user(self) -> &'static str {
        match self {
            Self::GitHub => "x-access-token",
            _ => "oauth2",
        }
    }

    /// Whether it sends hooks.
    pub fn has_hooks(self) -> bool {
        self != Self::Git
    }
}

/// What a forge is told of how environments are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reports {
    /// Nothing.
    Nothing,
    /// Statuses and comments.
    Statuses,
    /// And where commits can be seen.
    Deployments,
}

/// A code host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forge {
    /// What it speaks.
    pub kind: Kind,
    /// Where it is.
    pub url: Address,
    /// Where its API is, without a slash at its end; empty if it has none.
    pub api: String,
    /// Where the token is with which it is asked, and told.
    pub token: Option<Source>,
    /// Where the secrets are with which its hooks are signed; any of them is good, so that one can be replaced by another.
    pub secrets: Vec<Source>,
    /// Whether hooks are taken at all.
    pub hooks: bool,
    /// Whether hooks are believed without a signature.
    pub is_unsigned: bool,
    /// A file with the certificates of its own authority.
    pub authority: Option<String>,
    /// How often it is asked for all that is open.
    pub poll: Duration,
    /// What it is told of how environments are.
    pub reports: Reports,
}

impl Forge {
    /// What its repositories are known by.
    pub fn name(&self) -> String {
        self.url.name()
    }
}
