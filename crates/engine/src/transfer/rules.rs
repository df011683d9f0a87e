//! What the flags of a copy say of everything that it copies, and where its sources land.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use boatyard_plan::dockerfile::pattern::Patterns;

use super::TransferError;
use super::item::Owner;
use super::mode::Chmod;
use super::target::{Target, There};

/// What the flags of a copy say of everything that it copies.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// `--chown`, looked up.
    pub(super) owner: Option<Owner>,
    /// `--chmod`.
    pub(super) chmod: Option<Chmod>,
    /// `--exclude`.
    pub(super) exclude: Patterns,
}

impl Rules {
    /// Makes what the destination lacks of folders, and tells where something called `name` lands. With `contents` a
    /// folder is poured out rather than put.
    pub(super) fn land(
        &self,
        target: &mut Target,
        dest: &str,
        name: Option<&OsStr>,
        pours: Pours,
    ) -> Result<PathBuf, TransferError> {
        let root = Path::new("/");
        let certain = if dest.ends_with('/') {
            Path::new(dest)
        } else {
            Path::new(dest).parent().unwrap_or(root)
        };
        let certain = target.resolve(root, certain)?;
        self.make_folders(target, &certain)?;
        let mut at = target.resolve(root, Path::new(dest))?;
        let there = target.look(&at)?;
        if matches!(there, Some(There::Link(_))) {
            return Err(TransferError::Loop {
                path: dest.to_owned(),
            });
        }
        let inside = match pours {
            Pours::File => there == Some(There::Folder),
            Pours::Folder => there.is_some(),
            Pours::Contents => false,
        };
        if inside && let Some(name) = name {
            at.push(name);
        }
        let way = match (pours, &there) {
            (Pours::Contents, None) => at.as_path(),
            _ => at.parent().unwrap_or(root),
        };
        self.make_folders(target, way)?;
        Ok(at)
    }

    /// An octal `--chmod` is the mode of the folders on the way, too, less its set-id bits and less what the umask of
    /// `BuildKit` (022) forbids; a symbolic one is not.
    fn make_folders(&self, target: &mut Target, path: &Path) -> Result<(), TransferError> {
        let mode = match self.chmod {
            Some(Chmod::Octal(bits)) => bits & 0o755,
            _ => 0o755,
        };
        target.make_folders(path, mode, self.owner.unwrap_or_default())
    }

    /// The mode of something that had `metadata_mode`.
    pub(super) fn mode(&self, metadata_mode: u32, is_folder: bool) -> u32 {
        self.chmod
            .as_ref()
            .map_or(metadata_mode, |chmod| chmod.apply(metadata_mode, is_folder))
    }
}

/// What a source is as far as its landing goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pours {
    /// Not a folder.
    File,
    /// A folder that becomes the destination, or is put into it.
    Folder,
    /// A folder whose content is put into the destination.
    Contents,
}
