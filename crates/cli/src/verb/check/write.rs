//! Writes a file as a whole or not at all, and keeps its mode and owner.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

use super::error::CheckError;

/// Writes `text` to `path` in place of `before`; a file that says something else by now is left as it is. `None`: there
/// was no file.
pub fn write(path: &Path, before: Option<&str>, text: &str) -> Result<(), CheckError> {
    let failed = |source| CheckError::Write {
        path: path.to_owned(),
        source,
    };
    let Some(before) = before else {
        let mut file = File::create_new(path).map_err(failed)?;
        return file.write_all(text.as_bytes()).map_err(failed);
    };
    // A link stays one: what it leads to is written.
    let real = fs::canonicalize(path).map_err(failed)?;
    if fs::read(&real).map_err(failed)? != before.as_bytes() {
        return Err(CheckError::Changed {
            path: path.to_owned(),
        });
    }
    replace(&real, text).map_err(failed)
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let facts = fs::metadata(path)?;
    let temporary = beside(path);
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary);
    let done = made.and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        let now = file.metadata()?;
        if (now.uid(), now.gid()) != (facts.uid(), facts.gid()) {
            fchown(&file, Some(facts.uid()), Some(facts.gid()))?;
        }
        file.set_permissions(fs::Permissions::from_mode(facts.mode() & 0o7777))?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    });
    if done.is_err() {
        // What failed is told; that a temporary file stays as well would not help.
        let _ = fs::remove_file(&temporary);
    }
    done
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.boatyard-{}", std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mode_and_link_stay_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("start.sh");
        let link = folder.path().join("link.sh");
        fs::write(&file, "a").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o750)).unwrap();
        std::os::unix::fs::symlink("start.sh", &link).unwrap();
        write(&link, Some("a"), "b").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "b");
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o7777, 0o750);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(matches!(
            write(&file, Some("a"), "c"),
            Err(CheckError::Changed { .. })
        ));
        assert_eq!(fs::read_to_string(&file).unwrap(), "b");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        write(&folder.path().join("new"), None, "x").unwrap();
        assert!(matches!(
            write(&file, None, "x"),
            Err(CheckError::Write { .. })
        ));
    }
}
