//! What is known.

use boatyard_preview::inventory::Inventory;
use boatyard_preview::news::{About, Abouts};
use boatyard_preview::policy::Policy;
use boatyard_preview::revision::Place;
use boatyard_preview::wanted::{Head, Wanted};

/// What is known, all of it written down.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// What is meant to be.
    pub policy: Policy,
    /// What is there.
    pub inventory: Inventory,
    /// What forges say.
    pub wanted: Wanted,
    /// What people want to know of each branch and pull request.
    pub abouts: Abouts,
}

impl Known {
    /// From now on a forge says that of a place; none: it is closed.
    pub(crate) fn set_place(&mut self, place: &Place, says: Option<(Head, About)>) {
        let listing = self.wanted.entry(place.repository.clone()).or_default();
        if let Some((head, about)) = says {
            listing.closed.remove(&place.subject);
            listing.open.insert(place.subject.clone(), head);
            self.abouts.insert(place.clone(), about);
        } else {
            listing.open.remove(&place.subject);
            listing.closed.insert(place.subject.clone());
            self.abouts.remove(place);
        }
    }
}
