//! What has to be asked for by itself after a list.

use std::collections::BTreeSet;

use crate::revision::{Repository, Subject};
use crate::wanted::Wanted;

/// What is thought to be open and is not in the list: only a word about this very one says that it is closed.
pub fn doubtful<'a>(
    wanted: &Wanted,
    repository: &Repository,
    listed: impl IntoIterator<Item = &'a Subject>,
) -> Vec<Subject> {
    let listed: BTreeSet<&Subject> = listed.into_iter().collect();
    let open = wanted.get(repository).map(|listing| listing.open.keys());
    open.into_iter()
        .flatten()
        .filter(|subject| !listed.contains(subject))
        .cloned()
        .collect()
}
