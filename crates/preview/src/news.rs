//! What is heard from forges, in whatever order: payloads of hooks and answers to questions become this, and this becomes
//! [`Wanted`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::revision::{Place, Repository, Subject};
use crate::wanted::{Head, Wanted};

/// Something that a forge says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "news", rename_all = "kebab-case")]
pub enum News {
    /// A branch or pull request is open, and this is its newest commit.
    Head {
        /// Which one.
        place: Place,
        /// Its newest commit.
        head: Head,
        /// What people want to know of it.
        about: About,
    },
    /// A branch or pull request is closed, merged or deleted: a positive word about this very one.
    Closed {
        /// Which one.
        place: Place,
    },
    /// All that is open in a repository, to the last page. What is not in it is not thereby closed: it is asked for by itself.
    Listing {
        /// The repository.
        repository: Repository,
        /// Every branch and pull request that is watched.
        open: Vec<(Subject, Head, About)>,
    },
}

/// What people want to know of a branch or pull request; nothing is decided by it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct About {
    /// The title of the pull request, or the first line of the commit's message.
    pub title: String,
    /// Who opened the pull request or pushed the commit.
    pub author: String,
    /// Its page on the forge.
    pub url: String,
    /// Where a pull request is to be merged.
    pub target: String,
}

/// What people want to know, of every place.
pub type Abouts = BTreeMap<Place, About>;

/// Takes in what is heard. True if anything is different now.
pub fn hear(wanted: &mut Wanted, abouts: &mut Abouts, news: &News) -> bool {
    match news {
        News::Head { place, head, about } => {
            let listing = wanted.entry(place.repository.clone()).or_default();
            let was_closed = listing.closed.remove(&place.subject);
            let before = listing.open.insert(place.subject.clone(), head.clone());
            let other = abouts.insert(place.clone(), about.clone());
            was_closed || before.as_ref() != Some(head) || other.as_ref() != Some(about)
        }
        News::Closed { place } => {
            let listing = wanted.entry(place.repository.clone()).or_default();
            let was_open = listing.open.remove(&place.subject).is_some();
            abouts.remove(place);
            listing.closed.insert(place.subject.clone()) || was_open
        }
        News::Listing { repository, open } => {
            let mut is_other = false;
            for (subject, head, about) in open {
                let place = Place {
                    repository: repository.clone(),
                    subject: subject.clone(),
                };
                let (head, about) = (head.clone(), about.clone());
                is_other |= hear(wanted, abouts, &News::Head { place, head, about });
            }
            is_other
        }
    }
}
