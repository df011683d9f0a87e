//! Removing what differs between two installations of the same packages, and what identifies one machine.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::configure::ConfigureError;

/// Files that are removed: logs, caches, backups, keys that a package made for "this machine".
const REMOVED: &[&str] = &[
    "var/cache/ldconfig/aux-cache",
    "var/cache/debconf/config.dat-old",
    "var/cache/debconf/passwords.dat-old",
    "var/cache/debconf/templates.dat-old",
    "var/lib/dpkg/status-old",
    "var/lib/dpkg/diversions-old",
    "var/lib/dpkg/statoverride-old",
    "var/lib/dpkg/available-old",
    "var/lib/dpkg/lock",
    "var/lib/dpkg/lock-frontend",
    "var/lib/dpkg/triggers/Lock",
    "var/lib/dpkg/triggers/Unincorp",
    "var/log/dpkg.log",
    "var/log/alternatives.log",
    "var/log/bootstrap.log",
    "var/log/fontconfig.log",
    "var/log/apt/history.log",
    "var/log/apt/term.log",
    "var/log/apt/eipp.log.xz",
    "var/lib/apt/extended_states",
    "var/lib/dbus/machine-id",
    "etc/passwd-",
    "etc/group-",
    "etc/shadow-",
    "etc/gshadow-",
    "etc/subuid-",
    "etc/subgid-",
    "etc/.pwd.lock",
    "var/lib/systemd/catalog/database",
    "etc/ssl/private/ssl-cert-snakeoil.key",
    "etc/ssl/certs/ssl-cert-snakeoil.pem",
];

/// Folders that are emptied.
const EMPTIED: &[&str] = &[
    "var/lib/apt/lists",
    "var/cache/apt",
    "var/lib/dpkg/updates",
    "tmp",
    "var/tmp",
    "run",
];

/// Cleans a root. What is not there is fine. `before` is what was in `/tmp`, `/run` and so on before: it stays.
pub fn clean(root: &Path, before: &Kept) -> Result<(), ConfigureError> {
    for path in REMOVED {
        remove(&root.join(path))?;
    }
    for folder in EMPTIED {
        for path in entries(&root.join(folder)) {
            if !before.paths.contains(&path)
                && path
                    .file_name()
                    .is_some_and(|name| name != "lock" && name != "partial")
            {
                remove(&path)?;
            }
        }
    }
    // Links by hash to the certificate above.
    for path in entries(&root.join("etc/ssl/certs")) {
        if fs::read_link(&path).is_ok_and(|target| target.ends_with("ssl-cert-snakeoil.pem")) {
            remove(&path)?;
        }
    }
    let machine = root.join("etc/machine-id");
    if machine.is_file() {
        fs::write(&machine, "").map_err(|source| ConfigureError::Write {
            path: machine,
            source,
        })?;
    }
    Ok(())
}

/// What was in folders that are emptied, before packages were installed.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    paths: Vec<PathBuf>,
}

impl Kept {
    /// Looks at a root.
    pub fn of(root: &Path) -> Self {
        let paths = EMPTIED
            .iter()
            .flat_map(|folder| entries(&root.join(folder)))
            .collect();
        Self { paths }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    paths
}

fn remove(path: &Path) -> Result<(), ConfigureError> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(ConfigureError::Write {
            path: path.to_owned(),
            source,
        }),
        _ => Ok(()),
    }
}
