//! What is decided by.

use super::{Config, Watched};
use crate::policy::Policy;
use crate::revision::Repository;
use crate::watch::Watch;

impl Config {
    /// What is meant to be.
    pub fn policy(&self) -> Policy {
        let watch = |one: &Watched| Watch {
            recipe: if one.root == "." {
                String::new()
            } else {
                one.root.clone()
            },
            ..one.watch.clone()
        };
        let repositories = self
            .repositories
            .iter()
            .filter_map(|one| Some((self.repository(one)?, watch(one))));
        let mut limits = self.limits;
        if self.cluster.is_some() {
            // What is on a cluster cannot be saved yet.
            limits.snapshots = 0;
        }
        Policy {
            repositories: repositories.collect(),
            limits,
            times: self.times,
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
