//! Which images are backing services.

use boatyard_plan::project::BackingKind;

use super::interpolate::fill;
use crate::dockerfile::Name;
use crate::yaml::Node;

/// Names of images, what they are, and what they have that ours have not.
const KNOWN: [(&str, BackingKind, Option<&str>); 6] = [
    ("postgres", BackingKind::Postgres, None),
    ("postgresql", BackingKind::Postgres, None),
    ("postgis", BackingKind::Postgres, Some("PostGIS")),
    ("pgvector", BackingKind::Postgres, Some("pgvector")),
    ("redis", BackingKind::Redis, None),
    ("valkey", BackingKind::Redis, None),
];

/// What the image `name` is, and what of it ours have not.
pub(super) fn of(name: &str) -> Option<(BackingKind, Option<&'static str>)> {
    let short = Name::of(name).short().to_owned();
    KNOWN
        .into_iter()
        .find(|(known, ..)| *known == short)
        .map(|(_, kind, more)| (kind, more))
}

/// Whether a service runs such an image.
pub(super) fn is_backing(service: &Node) -> bool {
    let image = service
        .string("image")
        .filter(|_| service.get("build").is_none());
    image.is_some_and(|image| of(&fill(&image).text).is_some())
}
