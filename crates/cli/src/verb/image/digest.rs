//! `boatyard image digest NAME...`

use boatyard_plan::digest::Digest;
use boatyard_plan::reference::Reference;
use boatyard_store::registry::{self, RegistryError};
use serde::Serialize;

use crate::answer;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// What programs learn of each image.
#[derive(Serialize)]
struct Answer {
    image: String,
    digest: Digest,
}

/// Asks registries what these names stand for. All or, if one is not there, none.
pub fn run(images: &[Reference], voice: &Voice) -> Result<(), Stopped> {
    let mut answers = Vec::new();
    for image in images {
        answers.push(Answer {
            image: image.to_string(),
            digest: of(image)?,
        });
    }
    if voice.json {
        return answer::json(&answers);
    }
    let lines = answers.into_iter().map(|one| format!("{}\n", one.digest));
    answer::text(&lines.collect::<String>())
}

/// What a name stands for in its registry.
pub fn of(image: &Reference) -> Result<Digest, RegistryError> {
    let options = registry::Options::from_variables(|name| std::env::var(name).ok());
    registry::digest(image, &options)?.ok_or_else(|| {
        let registry = image.registry.clone();
        RegistryError::NotFound {
            registry: registry.unwrap_or_else(|| "docker.io".to_owned()),
            what: Reference {
                registry: None,
                ..image.clone()
            }
            .to_string(),
        }
    })
}
