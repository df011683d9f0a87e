//! What an environment shows: a commit of a branch or of a pull request of a repository.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A repository on a forge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Repository {
    /// Where it is: `github.com`, `git.example.org`, or the folder of a plain remote.
    pub forge: String,
    /// Its name there, with what it belongs to: `acme/shop`.
    pub name: String,
}

/// What people look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A branch by its whole name, which may have slashes.
    Branch(String),
    /// A pull or merge request by its number.
    PullRequest(u64),
}

/// A subject of a repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The repository.
    pub repository: Repository,
    /// The subject in it.
    pub subject: Subject,
}

/// What an environment shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Revision {
    /// The subject.
    pub place: Place,
    /// The commit, in hexadecimal digits.
    pub commit: String,
}

impl fmt::Display for Repository {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.forge, self.name)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.subject {
            Subject::Branch(name) => write!(out, "{} branch {name}", self.repository),
            Subject::PullRequest(number) => write!(out, "{} #{number}", self.repository),
        }
    }
}

/// A commit as people write it.
pub fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}
