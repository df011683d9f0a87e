//! How a tree on disk says that something below it is gone, as overlayfs reads it.
//!
//! ```text
//! whiteout   character device 0:0 with the hidden name
//! opaque     folder with the extended attribute trusted.overlay.opaque = y,
//!            or user.overlay.opaque = y for mounts with `userxattr`
//! ```
//! Source: Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories" and "userxattr".

use std::fs;

/// Which extended attribute marks opaque folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Whiteouts {
    /// `trusted.overlay.opaque`: needs `CAP_SYS_ADMIN` in the first user namespace.
    Trusted,
    /// `user.overlay.opaque`: everybody else.
    User,
}

const CAP_SYS_ADMIN: u32 = 21;

impl Whiteouts {
    /// What this process can write, and what overlayfs reads if this process mounts it (with `userxattr` for `User`).
    pub fn of_this_process() -> Self {
        let first_namespace = fs::read_to_string("/proc/self/uid_map")
            .is_ok_and(|map| map.split_whitespace().eq(["0", "0", "4294967295"]));
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let capabilities = status
            .lines()
            .find_map(|line| line.strip_prefix("CapEff:"))
            .and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok())
            .unwrap_or(0);
        if first_namespace && capabilities >> CAP_SYS_ADMIN & 1 == 1 {
            Self::Trusted
        } else {
            Self::User
        }
    }

    /// Full name of the attribute.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Trusted => "trusted.overlay.opaque",
            Self::User => "user.overlay.opaque",
        }
    }
}
