//! What this machine permits, as data.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What this machine permits us, found by trying, and in force for this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Which rights we have.
    pub privilege: Privilege,
    /// How sandboxes are kept apart.
    pub isolation: Isolation,
    /// How snapshots are made.
    pub snapshots: Snapshots,
    /// Which networks sandboxes can have.
    pub network: Networks,
    /// Who called us: his numbers before [`super::enter`] made us root of a user namespace.
    pub caller: Caller,
    /// What is worse than it could be. To be said once.
    pub notices: Vec<Notice>,
}

/// Which rights we have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Privilege {
    /// Root of this machine.
    Root,
    /// Root of a user namespace with many users.
    Mapped {
        /// How many users and groups it has, our own included (the smaller number).
        count: u32,
    },
    /// Root of a user namespace with one user: everything belongs to him, and changes of owner do nothing.
    Single,
    /// Root of an ordinary container: no mounts, no namespaces.
    Confined,
}

/// How sandboxes are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// Own processes, mounts, names: as any container.
    Namespaces,
    /// Only another root folder.
    Chroot,
}

/// How snapshots are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Snapshots {
    /// Stacked folders, by the kernel's overlay file system.
    Overlay {
        /// Whether it must be mounted with `userxattr` (in a user namespace; overlayfs documentation, "User xattr").
        userxattr: bool,
    },
    /// Copied files.
    Copy,
}

/// Which networks sandboxes can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Networks {
    /// Their own.
    Own,
    /// This machine's.
    Host,
}

/// A user of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

/// Something the user should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// One sentence.
    pub message: String,
    /// What to do, if anything.
    pub help: Option<String>,
}

/// What the caller of [`super::enter`] wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Use no better isolation than this.
    pub isolation: Option<Isolation>,
    /// Copy snapshots even where overlays work.
    pub copy_snapshots: bool,
    /// A folder on the file system that snapshots will be on (the store's); created if missing. Overlays are tried
    /// there, and that everything is permitted is remembered there. None: the folder for temporary files.
    pub scratch: Option<PathBuf>,
}
