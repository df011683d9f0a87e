//! Does what the words about images say.

use boatyard_store::Store;

use super::{
    attest, diff, digest, expel, fsck, index, inspect, ls, named, prune, rebase, remote, sbom, tag,
    tags, transfer, verify,
};
use crate::args::image::Image;
use crate::home;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Does what the words say.
pub fn run(image: &Image, voice: &Voice) -> Result<(), Stopped> {
    if let Image::Verify(words) = image {
        return verify::run(words, voice);
    }
    // Layers hold files of many users: those that unpack or remove some need the namespace that owns them.
    let unpacks = matches!(
        image,
        Image::Load { .. } | Image::Prune { .. } | Image::Sbom { .. } | Image::Diff { .. }
    );
    let store = if unpacks {
        crate::yard::Yard::open()?.store
    } else {
        Store::open(&home::open()?)?
    };
    match image {
        Image::Ls => ls::run(&store, voice),
        Image::Inspect { image } => inspect::run(&store, image, voice),
        Image::Sbom {
            image,
            format,
            output,
        } => sbom::run(&store, image, *format, output.as_deref()),
        Image::Verify(words) => verify::run(words, voice),
        Image::Attest { image, said } => attest::run(&store, image, *said, voice),
        Image::Diff { before, after } => diff::run(&store, before, after, voice),
        Image::Tags { repository } => tags::run(repository, voice),
        Image::Digest { images } => digest::run(images, voice),
        Image::Tag { image, name } => tag::add(&store, image, name),
        Image::Save {
            image,
            output,
            format,
        } => transfer::save(&store, image, output, *format),
        Image::Load { path, name, tag } => {
            transfer::load(&store, path, name.as_deref(), tag.as_ref(), voice)
        }
        Image::Pull { image, platform } => remote::pull(&store, image, platform.as_ref(), voice),
        Image::Push {
            image,
            name,
            platform,
            annotation,
        } => {
            let name = name.as_ref().unwrap_or(image);
            let what = named::resolve(&store, image)?;
            remote::push(&store, (&what, name), platform.as_ref(), annotation, voice)
        }
        Image::Rebase {
            image,
            onto,
            from,
            tag,
        } => {
            let tag = tag.as_ref().unwrap_or(image);
            rebase::run(&store, image, (from.as_ref(), onto), tag, voice)
        }
        Image::Index { index } => index::run(&store, index, voice),
        Image::Prune { days, keep_bytes } => prune::run(&store, *days, *keep_bytes, voice),
        Image::Fsck => fsck::run(&store, voice),
        Image::Rm {
            images,
            remote: true,
        } => expel::run(images, voice),
        Image::Rm { images, .. } => tag::remove(&store, images),
    }
}
