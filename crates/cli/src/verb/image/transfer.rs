//! `boatyard image save` and `load`

use std::path::Path;

use boatyard_plan::digest::Digest;
use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::reference::Reference;
use boatyard_store::export::{self, Format as Form};
use boatyard_store::{Store, import};

use crate::answer;
use crate::args::image::Format;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// What was loaded has no name.
#[derive(Debug, thiserror::Error)]
#[error("the image in {path} has no name")]
struct NoName {
    path: String,
}

impl Failure for NoName {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some("give it one: --tag NAME".to_owned())
    }
}

/// Writes an image to a file or folder.
pub fn save(
    store: &Store,
    image: &Reference,
    output: &Path,
    format: Format,
) -> Result<(), Stopped> {
    let descriptor = super::named::resolve(store, image)?;
    let form = match format {
        Format::Docker => Form::DockerArchive,
        Format::Oci => Form::OciFolder,
        Format::OciArchive => Form::OciArchive,
    };
    Ok(export::save(store, &descriptor, image, output, form)?)
}

/// Reads an image from a file or folder.
pub fn load(
    store: &Store,
    path: &Path,
    name: Option<&str>,
    tag: Option<&Reference>,
    voice: &Voice,
) -> Result<(), Stopped> {
    let imported = import::path(store, path, name)?;
    let names: Vec<Reference> = match tag {
        Some(tag) => vec![tag.clone()],
        None => imported
            .names
            .iter()
            .filter_map(|name| name.parse().ok())
            .collect(),
    };
    if names.is_empty() {
        return Err(NoName {
            path: path.display().to_string(),
        }
        .into());
    }
    for name in &names {
        store.tag(name, &imported.top)?;
    }
    tell(&names, &imported.top.digest, voice)
}

/// Tells what an image that came in is called here.
pub(super) fn tell(names: &[Reference], digest: &Digest, voice: &Voice) -> Result<(), Stopped> {
    if voice.json {
        return answer::json(&serde_json::json!({ "references": names, "digest": digest }));
    }
    let line = |name| format!("{name}  {digest}\n");
    answer::text(&names.iter().map(line).collect::<String>())
}
