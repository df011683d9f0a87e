//! Pushes an image that was just built.

use std::time::Instant;

use boatyard_plan::event::{Event, Outcome, Unit};
use boatyard_plan::image::Descriptor;
use boatyard_plan::reference::Reference;
use boatyard_store::registry;

use crate::render::Sink;
use crate::stopped::Stopped;
use crate::yard::Yard;

/// Pushes the image `manifest` to the registry of each of its `names`.
pub fn all(
    yard: &Yard,
    manifest: &Descriptor,
    size_bytes: u64,
    names: &[Reference],
    sink: &Sink,
) -> Result<(), Stopped> {
    let options = registry::Options::from_variables(|name| std::env::var(name).ok());
    for name in names {
        let id = format!("push {name}");
        let began = Instant::now();
        sink(Event::Started {
            id: id.clone(),
            parent: None,
            title: id.clone(),
        });
        let told = |progress: registry::Progress| {
            sink(Event::Progress {
                id: id.clone(),
                done: progress.done,
                total: Some(progress.total),
                unit: Unit::Bytes,
                note: String::new(),
            });
        };
        let pushed = registry::push(&yard.store, manifest, name, &options, &told);
        sink(Event::Finished {
            id: id.clone(),
            outcome: match &pushed {
                Ok(_) => Outcome::Done,
                Err(_) => Outcome::Failed,
            },
            millis: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            size_bytes: Some(size_bytes),
        });
        pushed?;
    }
    Ok(())
}
