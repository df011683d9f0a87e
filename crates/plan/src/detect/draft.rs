//! The whole of it: one look after the other.

use super::sketch::Sketch;
use super::{
    Draft, Origin, Sources, celery, compose, container, copied, dependency, procfile, python, s2i,
    web, write,
};

/// The first boatyard.toml of a project. The same sources give the same text, and the text is read without mistakes.
pub fn draft(sources: &Sources<'_>) -> Draft {
    let mut sketch = Sketch::new(sources.name);
    let dependencies = dependency::names(sources);
    python::look(&mut sketch, sources);
    let mut shown_by_source = true;
    match sources.from {
        None => {
            procfile::look(&mut sketch, sources, procfile::FILE);
            s2i::look(&mut sketch, sources, &dependencies);
            container::look(&mut sketch, sources);
        }
        Some(Origin::S2i) => s2i::look(&mut sketch, sources, &dependencies),
        Some(Origin::Procfile(path)) => procfile::look(&mut sketch, sources, path),
        Some(Origin::Dockerfile(path)) => container::look_at(&mut sketch, sources, path),
        Some(Origin::Compose(composed)) => {
            compose::carry(&mut sketch, sources, composed);
            shown_by_source = composed.roles.is_empty();
        }
    }
    // The file that somebody chose says which processes there are, unless it says none.
    if sources.from.is_none() || (shown_by_source && sketch.roles.is_empty()) {
        web::look(&mut sketch, sources, &dependencies);
        celery::look(&mut sketch, sources, &dependencies);
    }
    if sources.from.is_none() {
        compose::look(&mut sketch, sources);
    }
    dependency::packages(&mut sketch, &dependencies);
    if !matches!(sources.from, Some(Origin::Compose(_))) {
        dependency::backings(&mut sketch, &dependencies);
    }
    copied::look(&mut sketch, sources);
    sketch.settle();
    Draft {
        text: write::text(&sketch),
        found: sketch.found,
        left: sketch.left,
    }
}
