//! `boatyard image rm --remote NAME...`

use std::fmt::Write as _;

use boatyard_plan::reference::Reference;
use boatyard_store::registry::{self, Removed};
use serde::Serialize;

use crate::answer;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// What programs learn of each name.
#[derive(Serialize)]
struct Answer {
    image: String,
    /// Whether there is no such name in the registry any more.
    gone: bool,
    /// The tag that names the same, and keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_by: Option<String>,
}

/// Removes names from their registries, with what they name.
pub fn run(images: &[Reference], voice: &Voice) -> Result<(), Stopped> {
    let options = registry::Options::from_variables(|name| std::env::var(name).ok());
    let removed = registry::remove(images, &options)?;
    if voice.json {
        let answers: Vec<Answer> = removed.into_iter().map(answer).collect();
        return answer::json(&answers);
    }
    let mut text = String::new();
    for (image, removed) in removed {
        // Writing to a text cannot fail.
        let _ = match removed {
            Removed::Gone => writeln!(text, "removed {image}"),
            Removed::Absent => writeln!(text, "there is no {image}"),
            Removed::Kept(tag) => writeln!(text, "left {image}: the tag {tag} names the same"),
        };
    }
    answer::text(&text)
}

fn answer((image, removed): (Reference, Removed)) -> Answer {
    let kept_by = match removed {
        Removed::Gone | Removed::Absent => None,
        Removed::Kept(tag) => Some(tag),
    };
    Answer {
        image: image.to_string(),
        gone: kept_by.is_none(),
        kept_by,
    }
}
