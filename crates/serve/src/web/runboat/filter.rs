//! Which builds somebody means.

use boatyard_preview::environment::Environment;
use boatyard_preview::news::About;
use boatyard_preview::revision::Subject;

use super::asked::Query;
use super::refusal::Refusal;
use super::status::Status;

/// Which builds somebody means; nothing said: all.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    repo: Option<String>,
    target_branch: Option<String>,
    branch: Option<String>,
    pr: Option<i64>,
    name: Option<String>,
    status: Option<Status>,
}

impl Filter {
    /// What the query says.
    ///
    /// # Errors
    /// If a number is none.
    pub fn read(mut query: Query, also: &[&str]) -> Result<Self, Refusal> {
        let has = |name| also.contains(&name);
        let filter = Self {
            repo: query.filter("repo").map(|repo| repo.to_lowercase()),
            target_branch: query.filter("target_branch"),
            branch: query.filter("branch"),
            pr: query.number("pr"),
            name: query.filter("build_name").filter(|_| has("build_name")),
            status: if has("status") {
                query.status("status")
            } else {
                None
            },
        };
        query.finish()?;
        Ok(filter)
    }

    /// Whether everything is meant.
    pub fn is_all(&self) -> bool {
        self.repo.is_none()
            && self.target_branch.is_none()
            && self.branch.is_none()
            && self.pr.is_none()
    }

    /// Whether it is one of those. Where a pull request is to be merged is not known any more once it is closed: then it counts
    /// as what is asked for, so that nobody misses its end.
    pub fn is(&self, one: &Environment, about: Option<&About>) -> bool {
        let place = &one.revision.place;
        let (branch, number) = match &place.subject {
            Subject::Branch(name) => (Some(name.as_str()), None),
            Subject::PullRequest(number) => (None, i64::try_from(*number).ok()),
        };
        let target = branch.or(about
            .map(|about| about.target.as_str())
            .filter(|target| !target.is_empty()));
        let is_repo = |repo: &String| {
            *repo == place.repository.name.to_lowercase()
                || *repo == place.repository.to_string().to_lowercase()
        };
        self.repo.as_ref().is_none_or(is_repo)
            && self
                .target_branch
                .as_deref()
                .is_none_or(|wanted| target.is_none_or(|target| target == wanted))
            && self
                .branch
                .as_deref()
                .is_none_or(|wanted| branch == Some(wanted))
            && self.pr.is_none_or(|wanted| number == Some(wanted))
            && self
                .name
                .as_deref()
                .is_none_or(|wanted| one.id.as_str() == wanted)
            && self
                .status
                .is_none_or(|wanted| Status::of(one) == Some(wanted))
    }
}
