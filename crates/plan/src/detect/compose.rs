//! Compose files: which images stand beside the application. The rest of them is reported.

use super::Sources;
use super::sketch::Sketch;
use crate::project::BackingKind;

const FILES: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
];

/// Parts of image names, and what the image is.
const KNOWN: [(&str, BackingKind); 4] = [
    ("postgres", BackingKind::Postgres),
    ("postgis", BackingKind::Postgres),
    ("redis", BackingKind::Redis),
    ("valkey", BackingKind::Redis),
];

/// Adds the backing services among the images.
pub(super) fn look(sketch: &mut Sketch, sources: &Sources<'_>) {
    for file in FILES {
        let Some(text) = sources.text(file) else {
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            let Some(image) = line.trim().strip_prefix("image:") else {
                continue;
            };
            let image = image.split('#').next().unwrap_or_default().trim();
            let image = image.trim_matches(['"', '\'']);
            let name = image.rsplit('/').next().unwrap_or(image);
            let name = name.split([':', '@']).next().unwrap_or(name);
            if let Some((_, kind)) = KNOWN.into_iter().find(|(part, _)| name.contains(part)) {
                sketch.backing(file, kind);
            } else {
                sketch.left(
                    file,
                    Some(number + 1),
                    format!("image {image}"),
                    "it is neither PostgreSQL nor Redis: run it beside the project",
                );
            }
        }
        sketch.left(
            file,
            None,
            "its commands, variables, ports, volumes and secrets",
            "compare them with the roles, image.env and [backing.*] of boatyard.toml",
        );
    }
}
