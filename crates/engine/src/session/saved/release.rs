//! Which release of a server wrote what is in volumes.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use boatyard_plan::backing::RELEASES;
use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};

use crate::session::SavedError;

/// Whether a server that has data in both has it of the same release.
pub(super) fn check(name: &str, saved: &Path, here: &Path) -> Result<(), SavedError> {
    let volumes = saved.read_dir().into_iter().flatten().flatten();
    for volume in volumes.map(|volume| volume.file_name()) {
        for (file, server) in RELEASES {
            let of = |volumes: &Path| release(volumes, &Path::new(&volume).join(file));
            if let (Some(saved), Some(here)) = (of(saved), of(here))
                && saved != here
            {
                return Err(SavedError::OtherRelease {
                    name: name.to_owned(),
                    server,
                    saved,
                    here,
                });
            }
        }
    }
    Ok(())
}

/// The release that stands in a file of a folder. What is in a volume is its container's, which may have made anything of it: a
/// link leads nowhere, and what is no number is none.
fn release(volumes: &Path, file: &Path) -> Option<String> {
    let volumes = File::open(volumes).ok()?;
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    let file = openat2(volumes, file, flags, Mode::empty(), resolve).ok()?;
    let mut text = String::new();
    File::from(file).take(16).read_to_string(&mut text).ok()?;
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    is_number.then(|| text.to_owned())
}
