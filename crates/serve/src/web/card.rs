//! What people and programs see of an environment.

use boatyard_preview::environment::Environment;
use boatyard_preview::id::label;
use boatyard_preview::news::About;
use boatyard_preview::phase::Phase;
use boatyard_preview::revision::{Repository, Subject, short};
use serde::Serialize;

use super::action::Action;
use super::moment;
use super::settings::Settings;

/// What people and programs see of an environment. The names of the fields are the API's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "fields of the API, each of which stands for itself"
)]
pub struct Card {
    /// Its id.
    pub id: String,
    /// What it belongs to.
    pub repository: Repository,
    /// The branch, if it shows one.
    pub branch: Option<String>,
    /// The number of the pull request, if it shows one.
    pub pull_request: Option<u64>,
    /// The commit.
    pub commit: String,
    /// The title of the pull request, or the first line of the commit's message; may be empty.
    pub title: String,
    /// Who wrote it; may be empty.
    pub author: String,
    /// The page of the branch or pull request on the forge.
    pub forge_url: Option<String>,
    /// Where it is reached, whichever commit its place shows.
    pub url: String,
    /// Where this very commit is reached.
    pub commit_url: String,
    /// How far it is.
    pub phase: Phase,
    /// Since when, as RFC 3339.
    pub since: String,
    /// When it was first heard of.
    pub created: String,
    /// When it was last used.
    pub used: String,
    /// Somebody waits for it.
    pub is_asked: bool,
    /// It keeps its place.
    pub is_pinned: bool,
    /// It has answered since it was prepared.
    pub is_good: bool,
    /// It is being taken away for good.
    pub is_leaving: bool,
    /// How often in a row it has failed.
    pub failures: u32,
    /// Why it failed, or is being stopped.
    pub reason: Option<String>,
    /// Its snapshots, oldest first.
    pub snapshots: Vec<Kept>,
    /// Why the last snapshot was not made, or not restored.
    pub undone: Option<String>,
    /// What can happen to it now.
    pub actions: Vec<&'static str>,
}

/// A snapshot of its databases and files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// What it is called.
    pub name: String,
    /// When it was whole.
    pub at: String,
    /// How much it is.
    pub size_bytes: u64,
}

impl Card {
    /// Of an environment, and what is known about its place.
    pub fn of(one: &Environment, about: Option<&About>, settings: &Settings) -> Self {
        let place = &one.revision.place;
        let (branch, pull_request) = match &place.subject {
            Subject::Branch(name) => (Some(name.clone()), None),
            Subject::PullRequest(number) => (None, Some(*number)),
        };
        let offered = Action::ALL
            .into_iter()
            .filter(|action| action.is_offered(one));
        let is_web = |url: &&str| url.starts_with("https://") || url.starts_with("http://");
        let forge_url = about.map(|about| about.url.as_str()).filter(is_web);
        Self {
            id: one.id.to_string(),
            repository: place.repository.clone(),
            branch,
            pull_request,
            commit: one.revision.commit.clone(),
            title: about.map(|about| about.title.clone()).unwrap_or_default(),
            author: about.map(|about| about.author.clone()).unwrap_or_default(),
            forge_url: forge_url.map(str::to_owned),
            url: settings.url(&label(&one.revision)),
            commit_url: settings.url(one.id.as_str()),
            phase: one.phase,
            since: moment::text(one.since),
            created: moment::text(one.created),
            used: moment::text(one.used),
            is_asked: one.asked.is_some(),
            is_pinned: one.is_pinned,
            is_good: one.is_good,
            is_leaving: one.is_leaving(),
            failures: one.failures,
            reason: one.reason.clone(),
            snapshots: one
                .snapshots
                .iter()
                .map(|snapshot| Kept {
                    name: snapshot.name.clone(),
                    at: moment::text(snapshot.at),
                    size_bytes: snapshot.size_bytes,
                })
                .collect(),
            undone: one.undone.clone(),
            actions: offered.map(Action::name).collect(),
        }
    }

    /// The branch or pull request, for people.
    pub fn subject(&self) -> String {
        match (&self.branch, self.pull_request) {
            (Some(branch), _) => branch.clone(),
            (None, Some(number)) => format!("#{number}"),
            (None, None) => String::new(),
        }
    }

    /// The commit as people write it.
    pub fn short(&self) -> &str {
        short(&self.commit)
    }
}
