//! The stages that can be built.

use serde::Serialize;

use super::comment::Comments;
use super::place::Place;
use crate::dockerfile::Dockerfile;

/// All of them, as `BuildKit` spells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Targets {
    /// In the order of the Dockerfile.
    pub targets: Vec<Target>,
}

/// A stage that can be built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Target {
    /// Its name in lower case, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it is built if none is named.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it starts from, as written.
    pub base: String,
    /// Its platform, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Its `FROM`.
    pub location: Place,
}

/// The stages that can be built. `dockerfile` was read from `text`.
pub fn targets(dockerfile: &Dockerfile, text: &str) -> Targets {
    let comments = Comments::of(dockerfile, text);
    let last = dockerfile.stages.len().saturating_sub(1);
    let stages = dockerfile.stages.iter().enumerate();
    let target = stages.map(|(index, stage)| {
        let name = stage.name.as_ref().map(|name| name.text.to_lowercase());
        let described = name.as_deref();
        Target {
            description: described.and_then(|name| comments.about(name, &stage.from)),
            default: index == last,
            base: stage.image.text.clone(),
            platform: stage.platform.as_ref().map(|word| word.text.clone()),
            location: Place::of(&stage.from.span, text),
            name,
        }
    });
    Targets {
        targets: target.collect(),
    }
}
