//! Where a commit can be seen, as forges show it: deployments of GitHub, environments of GitLab.

use super::status::{Seen, State, status};
use crate::id::label;
use crate::phase::Phase;
use crate::revision::{Place, Revision, Subject};

/// Letters of a branch that are taken as they are: GitHub and GitLab take 255 in all.
const LONGEST: usize = 100;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is being prepared.
    Working,
    /// It can be seen.
    Success,
    /// It could not be prepared, or does not stay up.
    Failure,
}

/// What a forge is told of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// What the forge calls that which shows the place, whichever commit it is: `preview/pr-7`.
    pub environment: String,
    /// What the commit belongs to, by the name of a reference.
    pub reference: String,
    /// How far it is.
    pub stage: Stage,
    /// In words, at most 140 letters.
    pub text: String,
    /// The environment itself.
    pub address: String,
    /// The page about it.
    pub page: String,
    /// The same key, the same deployment.
    pub key: String,
}

/// What the forge is told of it; none: what it was told before holds, which at first is nothing.
pub fn deployment(seen: &Seen<'_>) -> Option<Deployment> {
    let status = status(seen)?;
    let stage = match status.state {
        State::Waiting | State::Dropped => return None,
        State::Working => Stage::Working,
        State::Success => Stage::Success,
        State::Failure => Stage::Failure,
    };
    let revision = &seen.one.revision;
    let (links, address) = (&seen.links, &seen.links.address);
    Some(Deployment {
        environment: environment(revision),
        reference: reference(&revision.place),
        stage,
        // A warning is for people who look at the commit, and comes and goes.
        key: format!("{stage:?} {address}"),
        text: status.text,
        address: address.clone(),
        page: links.page.clone(),
    })
}

/// Whether the forge is to show it at all: what is undeployed cannot be seen.
pub fn is_deployed(seen: &Seen<'_>) -> bool {
    seen.one.phase != Phase::Undeployed
}

/// What shows a place: the branch as it is called, as far as forges take that, and as nothing else is called.
pub fn environment(revision: &Revision) -> String {
    let is_plain = |name: &str| {
        let fits =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/' | b'.');
        name.len() <= LONGEST && name.bytes().all(fits) && !name.starts_with("pr-")
    };
    match &revision.place.subject {
        Subject::PullRequest(number) => format!("preview/pr-{number}"),
        Subject::Branch(name) if is_plain(name) => format!("preview/{name}"),
        Subject::Branch(_) => format!("preview/{}", label(revision)),
    }
}

fn reference(place: &Place) -> String {
    match &place.subject {
        Subject::Branch(name) => name.clone(),
        // GitLab's name for it, also where the branch is in a fork.
        Subject::PullRequest(number) => format!("refs/merge-requests/{number}/head"),
    }
}

#[cfg(test)]
mod tests {
    use super::environment;
    use crate::revision::{Place, Repository, Revision, Subject};

    #[test]
    fn names_of_environments() {
        let of = |subject| {
            let (forge, name) = ("git.test".to_owned(), "acme/shop".to_owned());
            let repository = Repository { forge, name };
            environment(&Revision {
                place: Place {
                    repository,
                    subject,
                },
                commit: "1".repeat(40),
            })
        };
        let branch = |name: &str| of(Subject::Branch(name.to_owned()));
        assert_eq!(of(Subject::PullRequest(7)), "preview/pr-7");
        assert_eq!(branch("feature/login-1.2"), "preview/feature/login-1.2");
        for taken in ["pr-7", "ä b", "a#b", &"x".repeat(101)] {
            let name = branch(taken);
            assert!(
                name.starts_with("preview/shop-") && name.len() <= 72,
                "{name}"
            );
            assert_ne!(name, "preview/pr-7");
        }
    }
}
