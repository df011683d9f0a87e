//! What is decided by.

use super::{Config, Folder, Kubefiles, Making, Naming, Watched};
use crate::policy::Policy;
use crate::revision::Repository;
use crate::watch::Watch;

/// What begins the recipe of what is made by kubefiles; no folder of a repository is called so.
const KUBEFILES: &str = "//kubefiles";

/// Whether that is the recipe of an environment that is made by kubefiles.
pub fn is_of_kubefiles(recipe: &str) -> bool {
    recipe.starts_with(KUBEFILES)
}

impl Config {
    /// What is meant to be.
    pub fn policy(&self) -> Policy {
        let watch = |one: &Watched| Watch {
            recipe: self.recipe(one),
            awaits: self
                .repository(one)
                .is_some_and(|one| self.images(&one).is_some()),
            ..one.watch.clone()
        };
        let repositories = self
            .repositories
            .iter()
            .filter_map(|one| Some((self.repository(one)?, watch(one))));
        Policy {
            repositories: repositories.collect(),
            limits: self.limits,
            times: self.times,
        }
    }

    /// What else decides what is made of a revision.
    fn recipe(&self, one: &Watched) -> String {
        let repository = self.repository(one);
        let kubefiles = repository.and_then(|repository| self.kubefiles(&repository));
        match kubefiles {
            Some((Folder::Server(_), _)) => KUBEFILES.to_owned(),
            Some((Folder::Repository(path), _)) => format!("{KUBEFILES}/{path}"),
            None if one.root == "." => String::new(),
            None => one.root.clone(),
        }
    }

    /// The kubefiles by which environments of a repository are made; none: they are made as boatyard.toml says. One that is not
    /// watched any more has those of the server.
    pub fn kubefiles(&self, repository: &Repository) -> Option<(Folder, Kubefiles)> {
        let builds = self.cluster.as_ref()?.builds.clone().unwrap_or_default();
        let own = self
            .watched(repository)
            .and_then(|one| one.kubefiles.clone());
        let all = own.unwrap_or_default().or(&builds.kubefiles);
        Some((all.folder.clone()?, all))
    }

    /// How the images of environments of a repository are called; none: they are built here, or kubefiles say what runs.
    pub fn images(&self, repository: &Repository) -> Option<Naming> {
        let all = self.cluster.as_ref()?.images.clone();
        if self.kubefiles(repository).is_some() {
            return None;
        }
        match self.watched(repository).and_then(|one| one.images.clone()) {
            None => all,
            Some(Making::Build) => None,
            Some(Making::Named(own)) => Some(own.or(&all.unwrap_or_default())),
        }
    }

    /// What a repository of the file is known by.
    pub fn repository(&self, watched: &Watched) -> Option<Repository> {
        Some(Repository {
            forge: self.forges.get(&watched.forge)?.name(),
            name: watched.name.clone(),
        })
    }

    /// The entry of a repository; forges do not tell cases apart in names.
    pub fn watched(&self, repository: &Repository) -> Option<&Watched> {
        self.repositories.iter().find(|one| {
            self.repository(one).is_some_and(|own| {
                own.forge.eq_ignore_ascii_case(&repository.forge)
                    && own.name.eq_ignore_ascii_case(&repository.name)
            })
        })
    }
}
