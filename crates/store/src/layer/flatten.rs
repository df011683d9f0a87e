//! Several snapshots to one plain tree, for hosts without overlay mounts.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode};

use super::entry::{Entry, Kind};
use super::failure::LayerError;
use super::metadata::Metadata;
use super::unpack::Owners;
use super::walk::walk_upper;
use crate::disk::During as _;
use crate::remove::{exists, remove_tree};

/// Copies the snapshots `layers`, lowest first, one over the other into the empty folder `dest`, as an overlay mount
/// of them would show: whiteouts and opaque marks are honoured and gone. Nothing is shared with the snapshots but
/// blocks where the file system can (`FICLONE`); hard links within a layer stay links. Sockets are left out.
///
/// The modification times of files and folders are kept with their nanoseconds, see [`super::compare`].
pub fn flatten(layers: &[PathBuf], dest: &Path) -> Result<(), LayerError> {
    let mut folders = BTreeMap::new();
    let mut clones = true;
    for layer in layers {
        for entry in walk_upper(layer)? {
            let into = dest.join(&entry.path);
            match &entry.kind {
                Kind::Whiteout => remove_tree(&into)?,
                Kind::Opaque => clear(&into)?,
                Kind::Directory => {
                    make_folder(&into)?;
                    let from = layer.join(&entry.path);
                    let nanos = fs::symlink_metadata(&from)
                        .during("read", &from)?
                        .mtime_nsec();
                    folders.insert(into, metadata(&entry, nanos));
                }
                _ => {
                    remove_tree(&into)?;
                    copy(&entry, layer, dest, &mut clones)?;
                }
            }
        }
    }
    for (path, metadata) in folders.into_iter().rev() {
        // A later layer may have taken it away, or put something else there.
        if fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir()) {
            let folder = File::open(&path).during("open", &path)?;
            metadata.apply(&folder, Owners::of_this_process(), &path)?;
        }
    }
    Ok(())
}

fn metadata(entry: &Entry, nanos: i64) -> Metadata {
    Metadata {
        mode: entry.mode,
        uid: entry.uid,
        gid: entry.gid,
        mtime: (entry.mtime, u32::try_from(nanos).unwrap_or(0)),
        xattrs: entry.xattrs.clone(),
    }
}

fn make_folder(path: &Path) -> Result<(), LayerError> {
    if fs::symlink_metadata(path).is_ok_and(|found| found.is_dir()) {
        return Ok(());
    }
    remove_tree(path)?;
    Ok(fs::create_dir(path).during("create folder", path)?)
}

fn clear(folder: &Path) -> Result<(), LayerError> {
    for entry in fs::read_dir(folder).during("list", folder)? {
        remove_tree(&entry.during("list", folder)?.path())?;
    }
    Ok(())
}

fn copy(entry: &Entry, layer: &Path, dest: &Path, clones: &mut bool) -> Result<(), LayerError> {
    let (from, into) = (layer.join(&entry.path), dest.join(&entry.path));
    let owners = Owners::of_this_process();
    let node = |kind, device| {
        rustix::fs::mknodat(CWD, &into, kind, Mode::RUSR, device).during("create device", &into)
    };
    match &entry.kind {
        Kind::File => {
            let source = File::open(&from).during("open", &from)?;
            let file = File::create_new(&into).during("create", &into)?;
            *clones = *clones && rustix::fs::ioctl_ficlone(&file, &source).is_ok();
            if !*clones && entry.size > 0 {
                // `copy_file_range` where the kernel has it.
                io::copy(&mut &source, &mut &file).during("copy to", &into)?;
            }
            let nanos = source.metadata().during("read", &from)?.mtime_nsec();
            metadata(entry, nanos).apply(&file, owners, &into)?;
            return Ok(());
        }
        Kind::Hardlink { target } => {
            let target = dest.join(target);
            return Ok(fs::hard_link(&target, &into).during("create link", &into)?);
        }
        Kind::Symlink { target } => {
            std::os::unix::fs::symlink(target, &into).during("create link", &into)?;
        }
        Kind::CharDevice { major, minor } => {
            node(
                FileType::CharacterDevice,
                rustix::fs::makedev(*major, *minor),
            )?;
        }
        Kind::BlockDevice { major, minor } => {
            node(FileType::BlockDevice, rustix::fs::makedev(*major, *minor))?;
        }
        Kind::Fifo => node(FileType::Fifo, 0)?,
        Kind::Directory | Kind::Whiteout | Kind::Opaque => return Ok(()),
    }
    let has_mode = !matches!(entry.kind, Kind::Symlink { .. });
    debug_assert!(exists(&into).unwrap_or(false), "made just now");
    metadata(entry, 0).apply_at(CWD, into.as_os_str(), has_mode, owners, &into)
}
