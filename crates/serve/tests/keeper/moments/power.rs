//! What is on a disk once the machine has lost power: of each file what it was at its last sync.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

static SYNCED: Mutex<BTreeMap<PathBuf, Vec<u8>>> = Mutex::new(BTreeMap::new());

fn synced() -> MutexGuard<'static, BTreeMap<PathBuf, Vec<u8>>> {
    SYNCED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// It is opened; what is in it was there before this process.
pub fn open(file: &Path) {
    let now = || fs::read(file).unwrap_or_default();
    synced().entry(file.to_owned()).or_insert_with(now);
}

/// What is in it stays.
pub fn keep(file: &Path) {
    let now = fs::read(file).expect("it is there");
    synced().insert(file.to_owned(), now);
}

/// It is gone for good.
pub fn forget(file: &Path) {
    synced().remove(file);
}

/// The power is cut.
pub fn cut() {
    for (file, content) in synced().iter() {
        fs::write(file, content).expect("a disk of ours");
    }
}
