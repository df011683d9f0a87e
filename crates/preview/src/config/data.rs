//! What the databases and files of an environment begin with.

use std::collections::BTreeSet;

use boatyard_plan::digest::Digest;

use super::{Config, Watched};
use crate::revision::{Place, Repository, Subject};

/// What is meant for a repository.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Data {
    /// A copy of what the base branch had once it was prepared.
    #[default]
    Template,
    /// Nothing.
    Fresh,
}

/// What one environment begins with. Templates have names of saved data (`boatyard data`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begin {
    /// With nothing.
    Nothing,
    /// With nothing, and what it has once it is prepared is the template.
    Makes(String),
    /// With the template, if there is one.
    With(String),
}

/// What the name of a template begins with.
pub const TEMPLATE: &str = "template_";

impl Config {
    /// What environments of a place begin with.
    pub fn begin(&self, place: &Place) -> Begin {
        let Some(watched) = self.watched(&place.repository) else {
            return Begin::Nothing;
        };
        match (watched.data, &place.subject) {
            (Data::Fresh, _) => Begin::Nothing,
            (Data::Template, Subject::Branch(name)) if watched.is_base(name) => {
                Begin::Makes(self.template(watched))
            }
            (Data::Template, _) => Begin::With(self.template(watched)),
        }
    }

    /// The names of all templates that there may be.
    pub fn templates(&self) -> BTreeSet<String> {
        let all = self.repositories.iter();
        let with = all.filter(|one| one.data == Data::Template);
        with.map(|one| self.template(one)).collect()
    }

    fn template(&self, watched: &Watched) -> String {
        let repository = self.repository(watched).unwrap_or(Repository {
            forge: watched.forge.clone(),
            name: watched.name.clone(),
        });
        // Forges do not tell cases apart.
        let text = format!("{repository} {}", watched.root).to_lowercase();
        format!("{TEMPLATE}{}", Digest::of(text.as_bytes()).short())
    }
}

impl Watched {
    /// Whether the environments of that branch make the template.
    fn is_base(&self, branch: &str) -> bool {
        match &self.base {
            Some(base) => base == branch,
            None => self.watch.branches.is_first(branch),
        }
    }
}
