//! A folder of our own, where one can be had: in an image with a read-only root few can be written, and `/tmp` may be shared
//! with others who plant links and files under names that they can guess.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use boatyard_init::environment::Environment;

use super::sys::process;

/// Where something may be written, if `$RUNDIR` does not say.
pub const SHARED: [&str; 3] = ["/run", "/tmp", "/dev/shm"];

/// What our folders are called, with the user's id after it.
pub const NAME: &str = "boatyard-";

/// The folders that may be written, in the order in which they are tried.
pub fn shared(environment: &Environment) -> impl Iterator<Item = PathBuf> {
    let rundir = environment.get("RUNDIR").filter(|value| !value.is_empty());
    let rundir = rundir.map(|value| PathBuf::from(String::from_utf8_lossy(value).into_owned()));
    rundir.into_iter().chain(SHARED.map(PathBuf::from))
}

/// Our folders below those, made when they are asked for; those that are not ours alone are passed over.
pub fn own(environment: &Environment) -> impl Iterator<Item = PathBuf> {
    let uid = process::user();
    shared(environment).filter_map(move |folder| {
        let ours = folder.join(format!("{NAME}{uid}"));
        let made = DirBuilder::new().mode(0o700).create(&ours);
        (made.is_ok() || is_ours(&ours, uid)).then_some(ours)
    })
}

/// Whether it is a folder, no link, and nobody else can write to it or look into it.
fn is_ours(folder: &Path, uid: u32) -> bool {
    fs::symlink_metadata(folder)
        .is_ok_and(|found| found.is_dir() && found.uid() == uid && found.mode() & 0o777 == 0o700)
}

/// Writes a file of one of our folders, for us alone. Who reads it meanwhile sees all of the old one or all of the new.
pub fn write(folder: &Path, name: &str, text: &str) -> io::Result<PathBuf> {
    let new = folder.join(format!("{name}.{}", process::id()));
    // One that a process of the same number left when it was killed.
    let _ = fs::remove_file(&new);
    let mut options = OpenOptions::new();
    let written = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    let path = folder.join(name);
    written
        .and_then(|()| fs::rename(&new, &path))
        .inspect_err(|_| drop(fs::remove_file(&new)))?;
    Ok(path)
}
