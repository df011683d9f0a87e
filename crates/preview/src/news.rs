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

/// Takes in what is heard; the places of which something else is known now.
pub fn hear(wanted: &mut Wanted, abouts: &mut Abouts, news: &News) -> Vec<Place> {
    match news {
        News::Head { place, head, about } => {
            let is_other = opens(wanted, abouts, place, head, about);
            is_other.then(|| place.clone()).into_iter().collect()
        }
        News::Closed { place } => {
            let listing = wanted.entry(place.repository.clone()).or_default();
            let was_open = listing.open.remove(&place.subject).is_some();
            abouts.remove(place);
            let is_other = listing.closed.insert(place.subject.clone()) || was_open;
            is_other.then(|| place.clone()).into_iter().collect()
        }
        News::Listing { repository, open } => {
            let place = |subject: &Subject| Place {
                repository: repository.clone(),
                subject: subject.clone(),
            };
            let places = open
                .iter()
                .map(|(subject, head, about)| (place(subject), head, about));
            places
                .filter(|(place, head, about)| opens(wanted, abouts, place, head, about))
                .map(|(place, ..)| place)
                .collect()
        }
    }
}

/// A place is open. True if something else is known of it now.
fn opens(
    wanted: &mut Wanted,
    abouts: &mut Abouts,
    place: &Place,
    head: &Head,
    about: &About,
) -> bool {
    let listing = wanted.entry(place.repository.clone()).or_default();
    let is_other_head = listing.open.get(&place.subject) != Some(head);
    let is_other_about = abouts.get(place) != Some(about);
    // Of a long listing most is as it was: that is looked at, and not copied.
    if is_other_head {
        listing.open.insert(place.subject.clone(), head.clone());
    }
    if is_other_about {
        abouts.insert(place.clone(), about.clone());
    }
    listing.closed.remove(&place.subject) || is_other_head || is_other_about
}

#[cfg(test)]
mod tests {
    use super::{About, Abouts, News, hear};
    use crate::revision::{Place, Repository, Subject};
    use crate::wanted::{Head, Wanted};

    /// A listing of ten thousand is heard again and again: only what is different is written down.
    #[test]
    fn of_a_listing_only_what_is_different_counts() {
        let repository = Repository {
            forge: "forge.example".into(),
            name: "acme/shop".into(),
        };
        let listing = |commits: [&str; 2]| News::Listing {
            repository: repository.clone(),
            open: [1, 2]
                .into_iter()
                .zip(commits)
                .map(|(number, commit)| {
                    let head = Head {
                        commit: commit.into(),
                        is_trusted: true,
                        is_draft: false,
                        source: None,
                    };
                    (Subject::PullRequest(number), head, About::default())
                })
                .collect(),
        };
        let (mut wanted, mut abouts) = (Wanted::new(), Abouts::new());
        let mut heard = |news: &News| -> Vec<Subject> {
            let places: Vec<Place> = hear(&mut wanted, &mut abouts, news);
            places.into_iter().map(|place| place.subject).collect()
        };
        let [one, two] = [1, 2].map(Subject::PullRequest);
        assert_eq!(heard(&listing(["a", "b"])), [one, two.clone()]);
        assert_eq!(heard(&listing(["a", "b"])), []);
        assert_eq!(heard(&listing(["a", "c"])), [two]);
    }
}
