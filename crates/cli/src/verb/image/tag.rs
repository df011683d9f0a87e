//! `boatyard image tag IMAGE NAME` and `boatyard image rm NAME...`

use boatyard_plan::reference::Reference;
use boatyard_store::Store;

use super::named::NoImage;
use crate::stopped::Stopped;

/// Gives an image another name.
pub fn add(store: &Store, image: &Reference, name: &Reference) -> Result<(), Stopped> {
    let descriptor = super::named::resolve(store, image)?;
    Ok(store.tag(name, &descriptor)?)
}

/// Forgets names: all of them or, if one is not known, none.
pub fn remove(store: &Store, images: &[Reference]) -> Result<(), Stopped> {
    for image in images {
        super::named::resolve(store, image)?;
    }
    for image in images {
        if !store.untag(image)? {
            return Err(NoImage {
                reference: image.clone(),
            }
            .into());
        }
    }
    Ok(())
}
