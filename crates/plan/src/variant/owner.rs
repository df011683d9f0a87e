//! Who can write where.

use super::{Folder, Remark};

/// Whether a user with one group can write to a folder.
fn can_write(folder: &Folder, uid: u32, gid: u32) -> bool {
    let shift = if folder.uid == uid {
        6
    } else if folder.gid == gid {
        3
    } else {
        0
    };
    folder.mode >> shift & 0o3 == 0o3
}

/// What to say about folders that a new user cannot write to.
pub(super) fn remarks(folders: &[Folder], uid: u32, gid: u32) -> Vec<Remark> {
    let closed = folders.iter().filter(|folder| !can_write(folder, uid, gid));
    closed
        .map(|folder| Remark {
            message: format!(
                "user {uid}:{gid} of the k8s form cannot write to {}, {}: it belongs to {}:{} (mode {:04o})",
                folder.path, folder.what, folder.uid, folder.gid, folder.mode
            ),
            help: format!(
                "if the application writes there: COPY --chown={uid}:{gid} in the Dockerfile, or mount a volume there \
                 (fsGroup: {gid})"
            ),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions() {
        let folder = |mode, uid, gid| Folder {
            path: "/x".to_owned(),
            what: "the working folder",
            mode,
            uid,
            gid,
        };
        for (mode, uid, gid, expected) in [
            (0o755, 0, 0, false),
            (0o755, 5, 0, true),
            (0o775, 0, 6, true),
            (0o777, 0, 0, true),
            (0o1777, 0, 0, true),
            (0o577, 5, 0, false),
            (0o722, 0, 0, false),
        ] {
            assert_eq!(
                can_write(&folder(mode, uid, gid), 5, 6),
                expected,
                "{mode:o} {uid}:{gid}"
            );
        }
        let [remark] = &remarks(&[folder(0o755, 0, 0)], 5, 6)[..] else {
            panic!("one remark")
        };
        assert_eq!(
            remark.message,
            "user 5:6 of the k8s form cannot write to /x, the working folder: it belongs to 0:0 (mode 0755)"
        );
    }
}
