//! `boatyard image pull` and `push`

use boatyard_plan::image::{Descriptor, Platform};
use boatyard_plan::reference::Reference;
use boatyard_store::{Store, registry};

use super::progress::shown;
use super::transfer::tell;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Fetches an image from its registry, with what is said about it.
pub fn pull(
    store: &Store,
    image: &Reference,
    platform: Option<&Platform>,
    voice: &Voice,
) -> Result<(), Stopped> {
    let mut options = registry::Options::from_variables(|name| std::env::var(name).ok());
    if let Some(platform) = platform {
        options.platform = platform.clone();
    }
    let descriptor = shown(voice, &format!("pull {image}"), |told| {
        registry::pull_with_statements(store, image, &options, told)
    })?;
    store.tag(image, &descriptor)?;
    tell(std::slice::from_ref(image), &descriptor.digest, voice)
}

/// Fetches an image to start from, without what is said about it, and gives it its name.
pub(super) fn fetch(
    store: &Store,
    image: &Reference,
    voice: &Voice,
) -> Result<Descriptor, Stopped> {
    let options = registry::Options::from_variables(|name| std::env::var(name).ok());
    let descriptor = shown(voice, &format!("pull {image}"), |told| {
        registry::pull(store, image, &options, told)
    })?;
    store.tag(image, &descriptor)?;
    Ok(descriptor)
}

/// Sends an image to the registry in `name`.
pub fn push(
    store: &Store,
    (image, name): (&Descriptor, &Reference),
    platform: Option<&Platform>,
    annotations: &[(String, String)],
    voice: &Voice,
) -> Result<(), Stopped> {
    let options = registry::Options::from_variables(|name| std::env::var(name).ok());
    let chosen = match platform {
        Some(platform) => store.select(image, platform)?,
        None => image.clone(),
    };
    let noted = store.annotate(&chosen, annotations.iter().cloned().collect())?;
    let pushed = shown(voice, &format!("push {name}"), |told| {
        registry::push(store, &noted, name, &options, told)
    })?;
    tell(std::slice::from_ref(name), &pushed.digest, voice)
}
