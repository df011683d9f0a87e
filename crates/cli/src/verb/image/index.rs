//! `boatyard image index create NAME IMAGE...`

use boatyard_store::Store;

use super::transfer::tell;
use crate::args::image::Index;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Does what the words say.
pub fn run(store: &Store, index: &Index, voice: &Voice) -> Result<(), Stopped> {
    let Index::Create {
        name,
        images,
        annotation,
    } = index;
    let images = images
        .iter()
        .map(|image| super::named::resolve(store, image));
    let images = images.collect::<Result<Vec<_>, Stopped>>()?;
    let made = store.put_index(&images, annotation.iter().cloned().collect())?;
    store.tag(name, &made)?;
    tell(std::slice::from_ref(name), &made.digest, voice)
}
