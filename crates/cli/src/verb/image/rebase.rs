//! `boatyard image rebase IMAGE --onto BASE`

use boatyard_plan::reference::Reference;
use boatyard_store::{Store, rebase};

use super::remote::fetch;
use super::transfer::tell;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Puts an image on the base `onto` and calls the result `tag`.
pub fn run(
    store: &Store,
    image: &Reference,
    (from, onto): (Option<&Reference>, &Reference),
    tag: &Reference,
    voice: &Voice,
) -> Result<(), Stopped> {
    let what = super::named::resolve(store, image)?;
    let old = match from {
        Some(from) => super::named::resolve(store, from)?,
        None => rebase::find_base(store, &what, onto)?,
    };
    let new = match store.resolve(onto)? {
        Some(new) => new,
        None => fetch(store, onto, voice)?,
    };
    let made = rebase::rebase(store, &what, &old, (onto, &new))?;
    store.tag(tag, &made)?;
    tell(std::slice::from_ref(tag), &made.digest, voice)
}
