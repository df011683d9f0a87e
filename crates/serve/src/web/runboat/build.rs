//! A build, as runboat tells of it.

use boatyard_preview::config::Config;
use boatyard_preview::environment::Environment;
use boatyard_preview::news::About;
use boatyard_preview::revision::Subject;
use serde::Serialize;

use super::status::Status;
use crate::web::moment;
use crate::web::settings::Settings;

/// A build; the names of the fields are runboat's.
#[derive(Clone, Debug, Serialize)]
pub struct Build {
    name: String,
    commit_info: CommitInfo,
    deploy_link: String,
    /// There is no catcher of mail here: it leads to the build itself, as a link has to lead somewhere.
    deploy_link_mailhog: String,
    repo_target_branch_link: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    repo_pr_link: Option<Told<String>>,
    repo_commit_link: String,
    webui_link: String,
    status: Status,
    created: String,
    last_scaled: String,
}

#[derive(Clone, Debug, Serialize)]
struct CommitInfo {
    repo: String,
    target_branch: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pr: Option<Told<u64>>,
    git_commit: String,
}

/// What is told also where it is not there: as null.
#[derive(Clone, Debug, Serialize)]
struct Told<T>(Option<T>);

impl<T> Told<T> {
    fn is_there(&self) -> bool {
        self.0.is_some()
    }
}

impl Build {
    /// Of an environment that is as far as `status` says.
    pub fn of(
        one: &Environment,
        status: Status,
        about: Option<&About>,
        (config, settings): (&Config, &Settings),
    ) -> Self {
        let place = &one.revision.place;
        let (target_branch, pr) = match &place.subject {
            Subject::Branch(name) => (name.clone(), None),
            Subject::PullRequest(number) => {
                let target = about.map(|about| about.target.clone()).unwrap_or_default();
                (target, Some(*number))
            }
        };
        let deploy_link = settings.url(one.id.as_str());
        let own = settings.address.at(settings.address.host());
        // When it was started or stopped last; what never was is as old as it is.
        let scaled = if one.is_prepared {
            one.since
        } else {
            one.created
        };
        let (name, commit) = (&place.repository.name, &one.revision.commit);
        let forge = config
            .watched(&place.repository)
            .and_then(|watched| config.forges.get(&watched.forge));
        let page = |subject: &Subject| {
            forge
                .map(|forge| forge.page(name, subject))
                .unwrap_or_default()
        };
        Self {
            name: one.id.to_string(),
            deploy_link_mailhog: deploy_link.clone(),
            deploy_link,
            repo_target_branch_link: page(&Subject::Branch(target_branch.clone())),
            repo_pr_link: Some(Told(pr.map(|number| page(&Subject::PullRequest(number))))),
            repo_commit_link: forge
                .map(|forge| forge.commit_page(name, &place.subject, commit))
                .unwrap_or_default(),
            webui_link: format!("{own}/builds/{}", one.id),
            status,
            created: moment::text(one.created),
            last_scaled: moment::text(scaled),
            commit_info: CommitInfo {
                repo: name.to_lowercase(),
                target_branch,
                pr: Some(Told(pr)),
                git_commit: commit.clone(),
            },
        }
    }

    /// Its place in a list: by repository, pull requests after branches, the last in each first.
    pub fn key(&self) -> impl Ord + use<> {
        let info = &self.commit_info;
        (
            info.repo.clone(),
            info.pr.as_ref().and_then(|pr| pr.0).unwrap_or(999_999),
            info.target_branch.clone(),
            self.created.clone(),
            self.name.clone(),
        )
    }

    /// As it stands in a list, where what is not there is left out.
    pub fn without_nulls(self) -> Self {
        let info = self.commit_info;
        Self {
            repo_pr_link: self.repo_pr_link.filter(Told::is_there),
            commit_info: CommitInfo {
                pr: info.pr.filter(Told::is_there),
                ..info
            },
            ..self
        }
    }
}
