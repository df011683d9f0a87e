//! `--iidfile` and `--metadata-file`: what scripts learn of what was built.

use std::io;
use std::path::{Path, PathBuf};

use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::image::Descriptor;
use serde_json::{Map, Value, json};

use crate::args::dockerfile::Dockerfile;

/// An image as scripts see it.
#[derive(Clone, Debug)]
pub struct Noted {
    /// What it is among several: a service, with its form if forms were asked for.
    pub key: String,
    /// Its names.
    pub names: Vec<String>,
    /// Its manifest.
    pub manifest: Descriptor,
    /// Its configuration.
    pub config: Descriptor,
}

/// What keeps a file from being written.
#[derive(Debug, thiserror::Error)]
pub enum NoteError {
    /// It cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// One id is wanted of several images.
    #[error("--iidfile takes the id of one image, and {count} were built")]
    Several {
        /// How many.
        count: usize,
    },
}

impl Failure for NoteError {
    fn fault(&self) -> Fault {
        match self {
            Self::Write { .. } => Fault::Refused,
            Self::Several { .. } => Fault::User,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Write { .. } => None,
            Self::Several { .. } => Some(
                "name one service (and one form), or use --metadata-file, which has them all"
                    .to_owned(),
            ),
        }
    }
}

/// Fails if an id is wanted of several images.
pub fn check(flags: &Dockerfile, count: usize) -> Result<(), NoteError> {
    if flags.iidfile.is_some() && count > 1 {
        return Err(NoteError::Several { count });
    }
    Ok(())
}

/// Writes the files that the words ask for: of one image alone as docker does (`is_one`), else by key as `docker buildx
/// bake` does.
pub fn write(flags: &Dockerfile, images: &[Noted], is_one: bool) -> Result<(), NoteError> {
    check(flags, images.len())?;
    if let (Some(path), [image]) = (&flags.iidfile, images) {
        file(path, image.config.digest.to_string())?;
    }
    if let Some(path) = &flags.metadata_file {
        let said = match images {
            [image] if is_one => metadata(image),
            _ => {
                let by_key = images
                    .iter()
                    .map(|image| (image.key.clone(), metadata(image)));
                Value::Object(by_key.collect())
            }
        };
        let mut text = serde_json::to_string_pretty(&said).expect("plain data with string keys");
        text.push('\n');
        file(path, text)?;
    }
    Ok(())
}

fn file(path: &Path, text: String) -> Result<(), NoteError> {
    std::fs::write(path, text).map_err(|source| NoteError::Write {
        path: path.to_path_buf(),
        source,
    })
}

/// What `BuildKit` says of an image.
fn metadata(image: &Noted) -> Value {
    let mut said = Map::from_iter([
        (
            "containerimage.config.digest".to_owned(),
            json!(image.config.digest),
        ),
        (
            "containerimage.descriptor".to_owned(),
            json!(image.manifest),
        ),
        (
            "containerimage.digest".to_owned(),
            json!(image.manifest.digest),
        ),
    ]);
    if !image.names.is_empty() {
        said.insert("image.name".to_owned(), json!(image.names.join(",")));
    }
    Value::Object(said)
}
