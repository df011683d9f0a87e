//! Removing what differs between two installations of the same packages, and what identifies one machine.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::configure::ConfigureError;
use super::root::{Owners, Root};

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
///
/// What is behind a link that leads out of the root is not the root's, and stays.
pub fn clean(root: &Path, before: &Kept) -> Result<(), ConfigureError> {
    let inside = Root::open(root, Owners::Ignored).map_err(|source| ConfigureError::Read {
        path: root.to_owned(),
        source,
    })?;
    let is_ours = |path: &&&str| inside.keeps(path).unwrap_or(false);
    for path in REMOVED.iter().filter(is_ours) {
        remove(&root.join(path))?;
    }
    for folder in EMPTIED.iter().filter(is_ours) {
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
    let certificates = ["etc/ssl/certs"];
    let certificates = certificates.iter().filter(is_ours);
    for path in certificates.flat_map(|folder| entries(&root.join(folder))) {
        if fs::read_link(&path).is_ok_and(|target| target.ends_with("ssl-cert-snakeoil.pem")) {
            remove(&path)?;
        }
    }
    let machine = root.join("etc/machine-id");
    if is_ours(&&"etc/machine-id") && machine.is_file() {
        fs::write(&machine, "").map_err(|source| ConfigureError::Write {
            path: machine,
            source,
        })?;
    }
    let database = "var/cache/debconf/config.dat";
    if !is_ours(&&database) {
        return Ok(());
    }
    forget_temporary_names(&root.join(database))
}

/// Takes the random part out of the names of temporary files that debconf remembers: ucf(1) asks its questions about a
/// file made by mktemp(1).
fn forget_temporary_names(database: &Path) -> Result<(), ConfigureError> {
    let Ok(bytes) = fs::read(database) else {
        return Ok(());
    };
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<String> = text.lines().map(without_random_part).collect();
    if lines.iter().map(String::as_str).eq(text.lines()) {
        return Ok(());
    }
    fs::write(database, lines.join("\n") + "\n").map_err(|source| ConfigureError::Write {
        path: database.to_owned(),
        source,
    })
}

/// ` NEW = /tmp/name.k3J9xQ` becomes ` NEW = /tmp/name.XXXXXX`.
fn without_random_part(line: &str) -> String {
    match line.rsplit_once('.') {
        Some((name, random))
            if name.contains(" = /tmp/")
                && random.len() >= 6
                && random.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            format!("{name}.{}", "X".repeat(random.len()))
        }
        _ => line.to_owned(),
    }
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

#[cfg(test)]
mod tests {
    use super::without_random_part;

    #[test]
    fn random_parts_of_temporary_names() {
        for (line, expected) in [
            (
                " NEW = /tmp/postgresql-common.jFcWL6",
                " NEW = /tmp/postgresql-common.XXXXXX",
            ),
            (" NEW = /etc/a.conf", " NEW = /etc/a.conf"),
            ("Value: a.bcdefg", "Value: a.bcdefg"),
            (" NEW = /tmp/a.conf", " NEW = /tmp/a.conf"),
        ] {
            assert_eq!(without_random_part(line), expected);
        }
    }
}
