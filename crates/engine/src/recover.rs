//! Bringing home what sandboxes without mounts moved into their roots and did not live to move back.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::sandbox;

/// Brings home the volumes and caches below the folder `home`. To be called before [`boatyard_store::Store::open`],
/// which sweeps the roots of the dead. Fails if data would be swept with them.
pub fn recover(home: &Path) -> io::Result<()> {
    for path in movable(home) {
        match sandbox::recover(&path) {
            Err(error) if error.raw_os_error() == Some(libc::EBUSY) => wait(home, &path)?,
            // Its root is gone already, and with it what was moved there.
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::remove_file(&path)?,
            outcome => outcome?,
        }
    }
    Ok(())
}

/// Whatever a sandbox writes to and outlives it: `cache/<name>` and `volumes/<project>/<name>`.
fn movable(home: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| {
        let listed = fs::read_dir(folder).into_iter().flatten().flatten();
        listed.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let volumes = entries(&home.join("volumes"));
    let mut found = entries(&home.join("cache"));
    found.extend(volumes.iter().flat_map(|project| entries(project)));
    found.retain(|path| path.is_symlink());
    found
}

/// Somebody uses it. If its session is alive, all is well. If only the sandbox's helper is, it moves it back in this
/// moment, and the root must not be swept before that.
fn wait(home: &Path, path: &Path) -> io::Result<()> {
    let Ok(away) = fs::canonicalize(path) else {
        return Ok(());
    };
    let tmp = fs::canonicalize(home.join("tmp"))?;
    let scratch = away
        .strip_prefix(&tmp)
        .ok()
        .and_then(|below| Some(tmp.join(below.components().next()?)));
    let alive = scratch.is_some_and(|folder| {
        File::open(folder)
            .is_ok_and(|lock| matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock)))
    });
    if alive {
        return Ok(());
    }
    match File::open(&away) {
        Ok(folder) => folder.lock()?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    sandbox::recover(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn what_a_dead_sandbox_moved_comes_home() {
        let folder = tempfile::tempdir().expect("a folder");
        let home = fs::canonicalize(folder.path()).expect("its path");
        let away = home.join("tmp/1.0/root/data");
        fs::create_dir_all(&away).expect("made");
        fs::write(away.join("file"), "kept").expect("written");
        let volume = home.join("volumes/project/data");
        fs::create_dir_all(volume.parent().expect("a parent")).expect("made");
        symlink(format!("/.{}", away.display()), &volume).expect("linked");
        recover(&home).expect("recovered");
        assert!(!volume.is_symlink());
        let text = fs::read_to_string(volume.join("file")).expect("read");
        assert_eq!(text, "kept");
        // Gone with its root: nothing to bring home, and nothing in the way of a new one.
        fs::remove_dir_all(&volume).expect("removed");
        symlink(format!("/.{}", away.display()), &volume).expect("linked");
        recover(&home).expect("recovered");
        assert!(!volume.is_symlink());
    }
}
