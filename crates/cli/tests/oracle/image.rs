//! Images on disk: an OCI layout, or what `docker save` writes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

use serde_json::Value;

use super::flat::Flat;

/// An image: its file system and its configuration.
pub struct Image {
    pub files: Flat,
    pub config: String,
}

impl Image {
    /// The image with this name in an OCI layout.
    pub fn of_layout(folder: &Path, name: &str) -> Self {
        let index = json(&folder.join("index.json"));
        let found = index["manifests"].as_array().unwrap().iter().find(|entry| {
            entry["annotations"]["org.opencontainers.image.ref.name"]
                .as_str()
                .is_some_and(|known| {
                    known.trim_end_matches(":latest").rsplit('/').next() == Some(name)
                })
        });
        let found = found.unwrap_or_else(|| panic!("no image {name} in {index}"));
        let manifest = json(&blob(folder, found));
        let layers = manifest["layers"].as_array().unwrap();
        let mut files = Flat::default();
        for layer in layers {
            let reader = BufReader::new(File::open(blob(folder, layer)).unwrap());
            match layer["mediaType"].as_str().unwrap() {
                kind if kind.ends_with("zstd") => {
                    files.add(zstd::Decoder::with_buffer(reader).unwrap());
                }
                kind if kind.ends_with("gzip") => {
                    files.add(flate2::bufread::MultiGzDecoder::new(reader));
                }
                _ => files.add(reader),
            }
        }
        Self {
            files,
            config: config(&json(&blob(folder, &manifest["config"]))),
        }
    }

    /// The only image in an unpacked archive of `docker save`.
    pub fn of_archive(folder: &Path) -> Self {
        let manifest = json(&folder.join("manifest.json"));
        let mut files = Flat::default();
        for layer in manifest[0]["Layers"].as_array().unwrap() {
            let path = folder.join(layer.as_str().unwrap());
            files.add(BufReader::new(File::open(path).unwrap()));
        }
        let path = folder.join(manifest[0]["Config"].as_str().unwrap());
        Self {
            files,
            config: config(&json(&path)),
        }
    }
}

fn blob(folder: &Path, descriptor: &Value) -> std::path::PathBuf {
    let digest = descriptor["digest"].as_str().unwrap();
    folder.join("blobs").join(digest.replace(':', "/"))
}

fn json(path: &Path) -> Value {
    let mut text = String::new();
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    BufReader::new(file).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// What is said about running it; keys sorted, empty ones and `ArgsEscaped` (which only Windows reads) left out.
fn config(config: &Value) -> String {
    let object = config["config"].as_object().cloned().unwrap_or_default();
    let kept: BTreeMap<String, Value> = object
        .into_iter()
        .filter(|(name, value)| {
            let empty = match value {
                Value::Null => true,
                Value::String(text) => text.is_empty(),
                Value::Array(items) => items.is_empty() && name != "Cmd" && name != "Entrypoint",
                Value::Object(fields) => fields.is_empty(),
                Value::Bool(is) => !is,
                Value::Number(_) => false,
            };
            !empty && name != "ArgsEscaped"
        })
        .collect();
    serde_json::to_string(&kept).unwrap()
}
