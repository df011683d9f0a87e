//! How images are called that somebody else makes: the forge's own pipeline, as a rule.
//!
//! ```text
//! registry.example.org/{repository}/{service}:{branch}-{commit}
//! ```

use boatyard_plan::reference::{NotAReference, Reference};

use crate::revision::{Revision, Subject};

/// How the images of environments are called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Naming {
    /// Those of services.
    pub name: Option<String>,
    /// Those of services of commits that are not trusted; none: they get no environments.
    pub strangers: Option<String>,
    /// Those of backing services; none: as those of services.
    pub backings: Option<String>,
}

/// Who makes the images of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Making {
    /// This server builds them.
    Build,
    /// Somebody else, under these names; what is not said is as for the others.
    Named(Naming),
}

/// What of a project an image is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of<'a> {
    /// A service.
    Service(&'a str),
    /// A backing service.
    Backing(&'a str),
}

/// Why an image has no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Nameless {
    /// It is a stranger's.
    #[error(
        "it is not said how images of strangers are called, and those of others are not taken for them"
    )]
    Stranger,
    /// What is filled in makes no name.
    #[error(transparent)]
    Not(#[from] NotAReference),
}

impl Naming {
    /// These, and where they say nothing `other`.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        Self {
            name: self.name.or_else(|| other.name.clone()),
            strangers: self.strangers.or_else(|| other.strangers.clone()),
            backings: self.backings.or_else(|| other.backings.clone()),
        }
    }

    /// What the image of a part of that revision is called.
    ///
    /// # Errors
    /// If it has no name.
    pub fn of(
        &self,
        revision: &Revision,
        is_trusted: bool,
        of: Of<'_>,
    ) -> Result<Reference, Nameless> {
        let (template, service) = match of {
            Of::Backing(name) if self.backings.is_some() => (&self.backings, name),
            Of::Service(name) | Of::Backing(name) if is_trusted => (&self.name, name),
            Of::Service(name) | Of::Backing(name) => (&self.strangers, name),
        };
        let template = template.as_ref().ok_or(Nameless::Stranger)?;
        Ok(filled(template, revision, service).parse()?)
    }
}

/// What may be in a template.
pub(super) const WORDS: [&str; 4] = ["service", "commit", "branch", "repository"];

pub(super) fn filled(template: &str, revision: &Revision, service: &str) -> String {
    let place = &revision.place;
    let branch = match &place.subject {
        Subject::Branch(name) => fit(name),
        Subject::PullRequest(number) => format!("pr-{number}"),
    };
    let values = [
        service.to_owned(),
        revision.commit.clone(),
        branch,
        place.repository.name.to_lowercase(),
    ];
    let pairs = WORDS.into_iter().zip(values);
    pairs.fold(template.to_owned(), |text, (word, value)| {
        text.replace(&format!("{{{word}}}"), &value)
    })
}

/// A branch as a tag can have it: what a tag cannot have is a dash, as those who tag images by branches write it.
fn fit(branch: &str) -> String {
    let letter = |c: char| {
        if c.is_ascii_alphanumeric() || "._-".contains(c) {
            c
        } else {
            '-'
        }
    };
    let text: String = branch.chars().map(letter).collect();
    text.trim_start_matches(['.', '-']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Nameless, Naming, Of};
    use crate::revision::{Place, Repository, Revision, Subject};

    #[test]
    fn images_are_called_as_the_templates_say() {
        let of = |subject| Revision {
            place: Place {
                repository: Repository {
                    forge: "code.test".into(),
                    name: "Acme/Shop".into(),
                },
                subject,
            },
            commit: "c0ffee".into(),
        };
        let branch = of(Subject::Branch("feature/x+y".into()));
        let request = of(Subject::PullRequest(5));
        let naming = Naming {
            name: Some("r.test/{repository}/{service}:{branch}-{commit}".into()),
            strangers: Some("r.test/forks/{service}:{commit}".into()),
            backings: None,
        };
        let suite = Some("r.test/data/{service}:bookworm".into());
        let with_backings = Naming {
            backings: suite,
            ..naming.clone()
        };
        let (app, db) = (Of::Service("app"), Of::Backing("db"));
        for (naming, revision, is_trusted, of, expected) in [
            (
                &naming,
                &branch,
                true,
                app,
                "r.test/acme/shop/app:feature-x-y-c0ffee",
            ),
            (
                &naming,
                &request,
                true,
                app,
                "r.test/acme/shop/app:pr-5-c0ffee",
            ),
            (&naming, &request, false, app, "r.test/forks/app:c0ffee"),
            (
                &naming,
                &branch,
                true,
                db,
                "r.test/acme/shop/db:feature-x-y-c0ffee",
            ),
            (&naming, &request, false, db, "r.test/forks/db:c0ffee"),
            (
                &with_backings,
                &request,
                false,
                db,
                "r.test/data/db:bookworm",
            ),
        ] {
            let found = naming
                .of(revision, is_trusted, of)
                .map(|name| name.to_string());
            assert_eq!(found.as_deref(), Ok(expected));
        }
        let own = Naming {
            strangers: None,
            ..naming
        };
        assert_eq!(own.of(&request, false, app), Err(Nameless::Stranger));
        let long = of(Subject::Branch("x".repeat(140)));
        assert!(matches!(own.of(&long, true, app), Err(Nameless::Not(_))));
    }
}
