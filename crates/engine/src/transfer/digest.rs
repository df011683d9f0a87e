//! Digests of everything that is copied, several files at a time.

use std::io::Read as _;
use std::path::Path;
use std::thread;

use boatyard_plan::digest::Digest;
use boatyard_store::{DiskError, Store};
use sha2::Digest as _;

use super::TransferError;
use super::item::{Hash, Print};
use super::items::Items;
use super::place::{Place, Root};
use super::stat_cache::{self, StatCache};

const CHUNK: usize = 128 * 1024;

/// Fills in the digests that are missing. Files that the place's stat cache in the store knows are not read.
pub(super) fn fill(
    items: &mut Items,
    place: &Place,
    store: Option<&Store>,
) -> Result<(), TransferError> {
    let (files, sources) = items.files_mut();
    let mut unknown: Vec<_> = files.filter(|file| file.digest.is_none()).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    unknown.sort_unstable_by_key(|file| stat_cache::key(&file.print));
    let mut cache = store.map(|store| StatCache::open(store, cache_name(place, store)));
    if let Some(cache) = &mut cache {
        cache.fill(&mut unknown);
        unknown.retain(|file| file.digest.is_none());
    }
    if unknown.is_empty() {
        return Ok(());
    }
    let workers = thread::available_parallelism().map_or(1, |count| count.get().min(4));
    let share = unknown.len().div_ceil(workers);
    thread::scope(|scope| {
        let threads: Vec<_> = unknown
            .chunks_mut(share)
            .map(|files| {
                scope.spawn(move || {
                    let mut buffer = vec![0; CHUNK];
                    for file in files {
                        let at = sources.path(file);
                        file.digest = Some(read(&at, &mut file.print, &mut buffer)?);
                    }
                    Ok::<_, TransferError>(())
                })
            })
            .collect();
        threads.into_iter().try_for_each(|thread| {
            thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })?;
    if let (Some(cache), Some(store)) = (cache, store) {
        unknown.sort_unstable_by_key(|file| stat_cache::key(&file.print));
        // Costs the next run time if it fails, no more.
        let _ = cache.keep(store, &unknown);
    }
    Ok(())
}

/// The digest of a file's content.
pub(crate) fn of_file(path: &Path) -> std::io::Result<Digest> {
    let mut file = std::fs::File::open(path)?;
    let mut hasher = sha2::Sha256::new();
    let mut buffer = vec![0_u8; CHUNK];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(Digest::from_hash(&hasher.finalize())),
            count => hasher.update(&buffer[..count]),
        }
    }
}

/// One cache for each context; one for all unpacked layers.
fn cache_name<'a>(place: &'a Place, store: &'a Store) -> &'a Path {
    match &place.root {
        Root::Folder(path) => path,
        Root::Layers(..) => store.root(),
    }
}

/// Reads a file, which must stay as it is meanwhile; `print` becomes what it is now.
fn read(at: &Path, print: &mut Print, buffer: &mut [u8]) -> Result<Hash, TransferError> {
    let failed = |error| DiskError::new("read", at, error);
    let mut file = std::fs::File::open(at).map_err(failed)?;
    let before = Print::of(&file.metadata().map_err(failed)?);
    let mut hasher = sha2::Sha256::new();
    loop {
        match file.read(buffer).map_err(failed)? {
            0 => break,
            count => hasher.update(&buffer[..count]),
        }
    }
    if Print::of(&file.metadata().map_err(failed)?) != before {
        return Err(TransferError::Changed {
            path: at.to_path_buf(),
        });
    }
    *print = before;
    Ok(hasher.finalize().into())
}
