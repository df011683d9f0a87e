//! Pushing what was built.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use boatyard_plan::event::Outcome;
use boatyard_plan::image::Descriptor;
use boatyard_plan::reference::Reference;
use boatyard_store::Store;
use boatyard_store::registry::{self, Options, RegistryError};

use crate::args::build::Manner;
use crate::progress::{Sink, transfer};
use crate::stopped::Stopped;
use crate::verb::build::no_registry;

/// Images at once, where nobody says.
const AT_ONCE: usize = 4;

/// How many images are pushed at once.
pub fn at_once(manner: &Manner) -> usize {
    if manner.serial {
        1
    } else {
        manner.jobs.unwrap_or(AT_ONCE)
    }
}

/// An image and a name of it.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// The name, with its registry.
    pub name: Reference,
    /// The image.
    pub manifest: Descriptor,
    /// Sum of its compressed layers, bytes.
    pub size_bytes: u64,
}

/// What is pushed under these names.
pub fn parcels(store: &Store, named: &[(Reference, Descriptor)]) -> Result<Vec<Parcel>, Stopped> {
    let mut parcels = Vec::new();
    for (name, manifest) in named {
        if name.registry.is_none() {
            return Err(no_registry(name));
        }
        let layers = store.manifest(manifest)?.layers;
        parcels.push(Parcel {
            name: name.clone(),
            manifest: manifest.clone(),
            size_bytes: layers.iter().map(|layer| layer.size).sum(),
        });
    }
    Ok(parcels)
}

/// Pushes all, at most `jobs` repositories at once; the names of one repository one after the other, since they share
/// what is sent. One that fails does not keep the others; the first failure is returned.
pub fn all(
    store: &Store,
    parcels: &[Parcel],
    jobs: usize,
    sink: &Sink,
) -> Result<(), RegistryError> {
    let options = Options::from_variables(|name| std::env::var(name).ok());
    all_by(store, parcels, jobs, &options, sink)
}

/// The same by other options than those of this process.
pub fn all_by(
    store: &Store,
    parcels: &[Parcel],
    jobs: usize,
    options: &Options,
    sink: &Sink,
) -> Result<(), RegistryError> {
    let mut repositories: BTreeMap<_, Vec<(usize, &Parcel)>> = BTreeMap::new();
    for (at, parcel) in parcels.iter().enumerate() {
        let place = (&parcel.name.registry, parcel.name.repository.as_str());
        repositories.entry(place).or_default().push((at, parcel));
    }
    let repositories: Vec<_> = repositories.into_values().collect();
    let next = AtomicUsize::new(0);
    let failures: Mutex<Vec<(usize, RegistryError)>> = Mutex::default();
    let work = || {
        while let Some(parcels) = repositories.get(next.fetch_add(1, Ordering::Relaxed)) {
            for (at, parcel) in parcels {
                if let Err(failure) = one(store, parcel, options, sink) {
                    let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
                    failures.push((*at, failure));
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, repositories.len().max(1)) {
            scope.spawn(work);
        }
    });
    let failures = failures
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let first = failures.into_iter().min_by_key(|(at, _)| *at);
    first.map_or(Ok(()), |(_, failure)| Err(failure))
}

fn one(
    store: &Store,
    parcel: &Parcel,
    options: &Options,
    sink: &Sink,
) -> Result<(), RegistryError> {
    let work = |told: &(dyn Fn(registry::Progress) + Sync)| {
        registry::push(store, &parcel.manifest, &parcel.name, options, told)
    };
    let (id, size) = (format!("push {}", parcel.name), Some(parcel.size_bytes));
    transfer(sink, &id, size, work, |_| Outcome::Done).map(drop)
}
