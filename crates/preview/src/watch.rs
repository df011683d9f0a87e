//! What of a repository gets environments.

use crate::decide::Why;
use crate::glob::Glob;
use crate::revision::Subject;
use crate::wanted::Head;

/// How a repository is watched.
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Its share of the queue, at least 1: with 2 it gets two turns where others get one.
    pub share: u32,
    /// Which of its branches.
    pub branches: Branches,
    /// Whether its pull requests get environments.
    pub pull_requests: bool,
    /// Whether drafts do.
    pub drafts: bool,
    /// Whether environments are started as soon as they are prepared; else when somebody wants to see them.
    pub starts: bool,
    /// What is done with pull requests of those who may not write to the repository.
    pub forks: Forks,
    /// Whether somebody else makes its images, which are waited for.
    pub awaits: bool,
    /// What else decides what is made of a revision: part of its id.
    pub recipe: String,
}

/// Which branches get environments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Branches {
    /// The default branch of the repository: whoever asks the forge knows which one that is, and tells of no other.
    Default,
    /// Those that the patterns mean: the last one that fits decides, and one with `!` before it excludes.
    Named(Vec<(bool, Glob)>),
}

/// What is done with the commits of strangers. They never get secrets, whatever is said here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Forks {
    /// Somebody who may has to approve each commit.
    #[default]
    Approve,
    /// They get no environments.
    Block,
    /// They get environments.
    Allow,
}

/// How a branch is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meant {
    Not,
    ByName,
    ByPattern,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            share: 1,
            branches: Branches::Default,
            pull_requests: true,
            drafts: true,
            starts: false,
            forks: Forks::Approve,
            awaits: false,
            recipe: String::new(),
        }
    }
}

impl Branches {
    /// Reads patterns: `main`, `release/*`, `!release/old`.
    pub fn named<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Self {
        let read = |text: &'a str| match text.strip_prefix('!') {
            Some(text) => (false, Glob::new(text)),
            None => (true, Glob::new(text)),
        };
        Self::Named(patterns.into_iter().map(read).collect())
    }

    /// Whether it is the first that is named: the default branch, or the first without a pattern; else `main` or `master`.
    pub fn is_first(&self, name: &str) -> bool {
        let Self::Named(patterns) = self else {
            return true;
        };
        match patterns
            .iter()
            .find(|(is_meant, glob)| *is_meant && !glob.is_wild())
        {
            Some((_, first)) => first.fits(name),
            None => matches!(name, "main" | "master"),
        }
    }

    /// How the branch is meant.
    fn means(&self, name: &str) -> Meant {
        let Self::Named(patterns) = self else {
            return Meant::ByName;
        };
        match patterns.iter().rev().find(|(_, glob)| glob.fits(name)) {
            Some((true, glob)) if glob.is_wild() => Meant::ByPattern,
            Some((true, _)) => Meant::ByName,
            Some((false, _)) | None => Meant::Not,
        }
    }
}

impl Watch {
    /// Whether environments of the subject are wanted at all, whatever its head is; `is_default`: it is the default branch.
    pub fn follows(&self, subject: &Subject, is_default: bool) -> bool {
        match subject {
            Subject::PullRequest(_) => self.pull_requests,
            Subject::Branch(name) => match &self.branches {
                Branches::Default => is_default,
                named @ Branches::Named(_) => named.means(name) != Meant::Not,
            },
        }
    }

    /// Whether that head may be run without anybody's approval.
    pub fn approves(&self, head: &Head) -> bool {
        head.is_trusted || self.forks == Forks::Allow
    }

    /// Why that head gets no environment; none: it does. `shown`: the number of a pull request that has one and brings that branch.
    pub(crate) fn refuses(
        &self,
        subject: &Subject,
        head: &Head,
        shown: impl FnOnce(&str) -> Option<u64>,
    ) -> Option<Why> {
        match subject {
            Subject::PullRequest(_) => self.refuses_pull_request(head),
            Subject::Branch(name) => match self.branches.means(name) {
                Meant::Not => Some(Why::Unwatched),
                // Who names a branch wants to see it; who means whatever there is does not want to see it twice.
                Meant::ByPattern => shown(name).map(Why::Shown),
                Meant::ByName => None,
            },
        }
    }

    /// Why that head of a pull request gets no environment; none: it does.
    pub(crate) fn refuses_pull_request(&self, head: &Head) -> Option<Why> {
        if !self.pull_requests {
            Some(Why::Unwatched)
        } else if head.is_draft && !self.drafts {
            Some(Why::Draft)
        } else if !head.is_trusted && self.forks == Forks::Block {
            Some(Why::Stranger)
        } else {
            None
        }
    }
}
