//! `boatyard image sbom IMAGE`

use std::io::Write as _;
use std::path::Path;

use boatyard_engine::inventory;
use boatyard_plan::reference::Reference;
use boatyard_plan::sbom::{cyclonedx, spdx};
use boatyard_store::{DiskError, Store};

use crate::answer;
use crate::args::image::Bill;
use crate::stopped::Stopped;

/// Tells which packages an image has, on standard output or in a file that is there whole or not at all.
pub fn run(
    store: &Store,
    image: &Reference,
    bill: Bill,
    output: Option<&Path>,
) -> Result<(), Stopped> {
    let descriptor = super::named::resolve(store, image)?;
    let (subject, inventory) = inventory::of(store, image, &descriptor)?;
    for place in &inventory.unread {
        let _ = writeln!(
            std::io::stderr(),
            "warning: {place} in {image} names no package or no version: what it stands for is not listed"
        );
    }
    let document = match bill {
        Bill::Spdx => spdx::document(&subject, &inventory),
        Bill::Cyclonedx => cyclonedx::document(&subject, &inventory),
    };
    match output.filter(|path| *path != Path::new("-")) {
        None => answer::json(&document),
        Some(path) => {
            let text = format!("{document:#}\n");
            let written = write(path, text.as_bytes());
            Ok(written.map_err(|source| DiskError::new("write", path, source))?)
        }
    }
}

/// Writes beside `path` and renames. What is no plain file (a pipe, `/dev/stdout`) is written to as it is.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
        return std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(path)?
            .write_all(bytes);
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}", std::process::id()));
    let beside = path.with_file_name(name);
    let written = std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}
