//! The whole of it: one look after the other.

use super::sketch::Sketch;
use super::{
    Draft, Sources, celery, compose, container, copied, dependency, procfile, python, s2i, web,
    write,
};

/// The first boatyard.toml of a project. The same sources give the same text, and the text is read without mistakes.
pub fn draft(sources: &Sources<'_>) -> Draft {
    let mut sketch = Sketch::new(sources.name);
    let dependencies = dependency::names(sources);
    python::look(&mut sketch, sources);
    procfile::look(&mut sketch, sources);
    s2i::look(&mut sketch, sources, &dependencies);
    container::look(&mut sketch, sources);
    web::look(&mut sketch, sources, &dependencies);
    celery::look(&mut sketch, sources, &dependencies);
    compose::look(&mut sketch, sources);
    dependency::look(&mut sketch, &dependencies);
    copied::look(&mut sketch, sources);
    sketch.settle();
    Draft {
        text: write::text(&sketch),
        found: sketch.found,
        left: sketch.left,
    }
}
