//! What the configuration says of kubefiles, whenever it is asked.

use std::sync::Arc;

use boatyard_cluster::kubefiles::Commit;
use boatyard_preview::config::Folder;
use boatyard_preview::revision::{Place, Revision, Subject};

use super::held::{Held, Settled};
use crate::cluster::{Kubefiles, KubefilesOf, NamingOf, Wanted};

impl Held {
    /// The kubefiles of the environments of a place.
    pub(super) fn kubefiles(&self) -> KubefilesOf {
        let held = self.clone();
        Arc::new(move |place| {
            let Settled { config, secrets } = &*held.now();
            let (folder, all) = config.kubefiles(&place.repository)?;
            let watched = config.watched(&place.repository);
            let own = watched.map(|one| (one.forge.as_str(), one.name.as_str()));
            let folder = match folder {
                Folder::Server(path) => {
                    Folder::Server(held.folder.join(path).display().to_string())
                }
                in_repository @ Folder::Repository(_) => in_repository,
            };
            Some(Kubefiles {
                folder,
                image: all.image.unwrap_or_default(),
                env: all.env,
                secret_env: secrets.variables(own),
                variables: all.variables,
                has_cleanup: all.cleanup.unwrap_or(true),
                domain: config.server.domain.clone(),
            })
        })
    }

    /// How the images of the environments of a place are called that somebody else makes.
    pub(super) fn images(&self) -> NamingOf {
        let held = self.clone();
        Arc::new(move |place| held.now().config.images(&place.repository))
    }

    /// What a build of runboat is of, if it is of a repository that is watched, and made by kubefiles here.
    pub(super) fn builds(&self) -> Wanted {
        let held = self.clone();
        Arc::new(move |commit: &Commit| {
            let Settled { config, .. } = &*held.now();
            let mut all = config.repositories.iter();
            let watched = all.find(|one| one.name.eq_ignore_ascii_case(&commit.repo))?;
            let repository = config.repository(watched)?;
            config.kubefiles(&repository)?;
            let subject = match commit.pr {
                Some(number) => Subject::PullRequest(number),
                None => Subject::Branch(commit.target_branch.clone()),
            };
            let recipe = config.policy().repositories.remove(&repository)?.recipe;
            let place = Place {
                repository,
                subject,
            };
            let revision = Revision {
                place,
                commit: commit.git_commit.clone(),
            };
            Some((revision, recipe))
        })
    }
}
