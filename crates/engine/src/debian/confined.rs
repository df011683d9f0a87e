//! A base that somebody else made may have links where we write files by their names: they must not lead to the host's.

use std::path::Path;

use super::root::{Owners, Root};
use super::unpack_error::UnpackError;

/// What is written from outside, and the folders in which that is done. (What is emptied is looked at there: see `clean`.)
const WRITTEN: &[&str] = &[
    "etc",
    "etc/dpkg/dpkg.cfg.d",
    "usr/sbin/policy-rc.d",
    "var/lib/dpkg/alternatives",
    "var/lib/dpkg/available",
    "var/lib/dpkg/diversions",
    "var/lib/dpkg/info/format",
    "var/lib/dpkg/parts",
    "var/lib/dpkg/status",
    "var/lib/dpkg/status.d",
    "var/lib/dpkg/statoverride",
    "var/lib/dpkg/triggers/File",
    "var/lib/dpkg/triggers/Unincorp",
    "var/lib/dpkg/updates",
];

/// Refuses a root in which one of those paths leads out of it.
pub(super) fn check(root: &Path) -> Result<(), UnpackError> {
    let unread = |source| UnpackError::State {
        path: root.to_owned(),
        source,
    };
    let inside = Root::open(root, Owners::Ignored).map_err(unread)?;
    for path in WRITTEN {
        if !inside.keeps(path).map_err(unread)? {
            return Err(UnpackError::LeadsOut {
                path: format!("/{path}"),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_lead_out_are_refused() {
        for (link, to, refused) in [
            ("etc", "/etc", true),
            ("etc", "usr/etc", false),
            ("var/lib", "../../../var/lib", true),
            ("var/lib/dpkg/status", "/var/lib/dpkg/status", true),
            ("var/lib/dpkg/status", "status.d/all", false),
            ("run", "/var/run", false),
        ] {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let at = folder.path().join(link);
            std::fs::create_dir_all(at.parent().expect("it has one")).expect("a folder");
            std::os::unix::fs::symlink(to, &at).expect("a link");
            let result = check(folder.path());
            assert_eq!(
                matches!(result, Err(UnpackError::LeadsOut { .. })),
                refused,
                "{link} -> {to}: {result:?}"
            );
        }
    }
}
