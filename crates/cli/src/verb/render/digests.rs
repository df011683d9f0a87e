//! `--digests`: what `build --metadata-file` wrote of a project's images.
//!
//! ```text
//! { "app": { "containerimage.digest": "sha256:..." }, "app-k8s": {...}, "app-docker": {...} }
//! ```

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use boatyard_plan::digest::Digest;
use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::image::Descriptor;
use boatyard_plan::project::Project;
use boatyard_plan::reference::Reference;
use serde_json::Value;

/// Digests could not be had.
#[derive(Debug, thiserror::Error)]
pub enum DigestsError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is no JSON.
    #[error("{} is not a file of digests", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: serde_json::Error,
    },
    /// An image of the project is not in it.
    #[error("{} has no digest of {service}", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// The service.
        service: String,
    },
}

impl Failure for DigestsError {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Read { .. } => None,
            Self::Parse { .. } | Self::Missing { .. } => Some(
                "boatyard build --variant k8s --push --metadata-file FILE writes one of all images"
                    .to_owned(),
            ),
        }
    }
}

/// The digests of all images of `project` in a file, by service: those of the k8s form.
pub fn read(path: &Path, project: &Project) -> Result<BTreeMap<String, Digest>, DigestsError> {
    within(&parse(path)?, path, project)
}

/// The same of what `path` says.
pub fn within(
    said: &Value,
    path: &Path,
    project: &Project,
) -> Result<BTreeMap<String, Digest>, DigestsError> {
    let services = project.services.iter().map(|service| {
        let name = &service.name;
        let digest = of(said, name).ok_or_else(|| DigestsError::Missing {
            path: path.to_owned(),
            service: name.clone(),
        })?;
        Ok((name.clone(), digest))
    });
    let backings = project.backings.iter();
    // Of those that are not there the name is enough: it does not change with the project's version.
    let backings = backings
        .filter(|backing| backing.is_deployed())
        .filter_map(|backing| Some((backing.name.clone(), of(said, &backing.name)?)))
        .map(Ok);
    services.chain(backings).collect()
}

/// The names of all images that are said, and what they name.
pub fn named(said: &Value) -> Vec<(Reference, Descriptor)> {
    let entries = said.as_object().into_iter().flatten();
    let named = entries.filter_map(|(_, entry)| {
        let descriptor = entry.get("containerimage.descriptor")?.clone();
        let descriptor: Descriptor = serde_json::from_value(descriptor).ok()?;
        let names = entry.get("image.name")?.as_str()?.split(',');
        let names = names.filter_map(|name| name.parse().ok());
        Some(
            names
                .map(move |name| (name, descriptor.clone()))
                .collect::<Vec<_>>(),
        )
    });
    named.flatten().collect()
}

/// What a file says.
pub fn parse(path: &Path) -> Result<Value, DigestsError> {
    let text = std::fs::read_to_string(path).map_err(|source| DigestsError::Read {
        path: path.to_owned(),
        source,
    })?;
    serde_json::from_str(&text).map_err(|source| DigestsError::Parse {
        path: path.to_owned(),
        source,
    })
}

fn of(said: &Value, service: &str) -> Option<Digest> {
    let entry = said.get(format!("{service}-k8s"))?;
    entry.get("containerimage.digest")?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn the_k8s_form_counts() {
        let digest = |c: &str| format!("sha256:{}", c.repeat(64));
        let said = serde_json::json!({
            "app": { "containerimage.digest": digest("a") },
            "app-k8s": { "containerimage.digest": digest("b") },
            "jobs": { "containerimage.digest": digest("c") },
            "odd": { "containerimage.digest": "md5:1" },
        });
        for (service, expected) in [
            ("app", Some("b")),
            ("jobs", None),
            ("odd", None),
            ("x", None),
        ] {
            let found = of(&said, service).map(|found| found.to_string());
            assert_eq!(found, expected.map(digest), "{service}");
        }
    }
}
