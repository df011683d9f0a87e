//! What runs in a sandbox and what it sees: data, passed as JSON to the helper.

use std::path::PathBuf;

use boatyard_plan::dockerfile::Limit;
use serde::{Deserialize, Serialize};

/// One program in its own root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    /// The root file system: an absolute path of a prepared folder (a mounted snapshot, or a plain folder). Mount
    /// points missing in it are created for the run and removed afterwards, times of their folders restored: two
    /// sandboxes at a time should not have the same writable root.
    pub root: PathBuf,
    /// Whether the root itself cannot be written to. Binds and tmpfs below it stay as they are said. Nothing in chroot
    /// isolation.
    pub readonly: bool,
    /// The program.
    pub program: Program,
    /// Files and folders of this machine that are seen inside.
    pub binds: Vec<Bind>,
    /// Empty file systems in memory.
    pub tmpfs: Vec<Tmpfs>,
    /// Most that `/dev/shm` holds; none: half of the memory. Nothing in chroot isolation.
    pub shm_bytes: Option<u64>,
    /// Small files shown over the root and never written into it, e.g. `/etc/hosts`.
    pub files: Vec<ShownFile>,
    /// The network it sees.
    pub network: Network,
    /// Name of the machine as it is seen inside.
    pub hostname: String,
    /// Whether a small init of ours is PID 1 and reaps orphans: for programs that do not, and images without an init.
    pub init: bool,
}

impl Spec {
    /// A sandbox for `program` with nothing special about it: writable root, this machine's network.
    pub fn new(root: impl Into<PathBuf>, program: Program) -> Self {
        Self {
            root: root.into(),
            readonly: false,
            program,
            binds: Vec::new(),
            tmpfs: Vec::new(),
            shm_bytes: None,
            files: Vec::new(),
            network: Network::Host,
            hostname: "sandbox".to_owned(),
            init: false,
        }
    }
}

/// The program, and as whom it runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Its name and arguments, at least the name. A name without a slash is searched along `PATH` of `env`, inside.
    pub argv: Vec<String>,
    /// Its whole environment; nothing of ours is inherited.
    pub env: Vec<(String, String)>,
    /// Working directory, absolute, inside. Created (for the run) if missing is the caller's business: it must exist.
    pub cwd: PathBuf,
    /// As whom.
    pub user: User,
    /// What it may do beyond its user's rights.
    pub caps: Caps,
    /// Limits of its own, each of which this machine permits (see [`super::permitted`]).
    pub limits: Vec<Limit>,
    /// Whether it talks to the terminal behind its standard input: stays in our session and gets Ctrl-C from it.
    /// Otherwise it has its own session and only gets signals sent to it.
    pub terminal: bool,
}

impl Program {
    /// A program as root in `/` with a usual `PATH`, no terminal, a build step's capabilities.
    pub fn new<S: Into<String>>(argv: impl IntoIterator<Item = S>) -> Self {
        Self {
            argv: argv.into_iter().map(Into::into).collect(),
            env: vec![("PATH".to_owned(), DEFAULT_PATH.to_owned())],
            cwd: PathBuf::from("/"),
            user: User::ROOT,
            caps: Caps::Build,
            limits: Vec::new(),
            terminal: false,
        }
    }
}

/// Where programs are searched when the environment has no `PATH`: what Docker sets.
pub const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Numbers of a user inside. Names are resolved by the caller, who knows the root's `/etc/passwd`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// User.
    pub uid: u32,
    /// Primary group.
    pub gid: u32,
    /// Other groups.
    pub groups: Vec<u32>,
}

impl User {
    /// Root of the sandbox.
    pub const ROOT: Self = Self {
        uid: 0,
        gid: 0,
        groups: Vec::new(),
    };
}

/// A file or folder of this machine that is seen inside. Folders come with everything mounted below them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bind {
    /// Where it is here, absolute.
    pub source: PathBuf,
    /// Where it is seen inside, absolute; symlinks are followed inside the root.
    pub target: PathBuf,
    /// Whether it cannot be written to. In chroot isolation there are no mounts: what is read-only is copied in for
    /// the run; a writable folder is moved in and back, so it must be on the root's file system and has one user at
    /// a time.
    pub readonly: bool,
}

/// An empty file system in memory (in chroot isolation: an empty folder on disk).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tmpfs {
    /// Where it is seen inside, absolute.
    pub target: PathBuf,
    /// Most it holds, bytes; none: half of the memory.
    pub size_bytes: Option<u64>,
    /// Permissions of its top folder, e.g. `0o1777`.
    pub mode: u32,
}

/// A small file shown over the root.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownFile {
    /// Where it is seen inside, absolute.
    pub path: PathBuf,
    /// What is in it. May be a secret: it is not in the `Debug` form.
    pub bytes: Vec<u8>,
    /// Permissions.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

impl ShownFile {
    /// A text that all may read and that belongs to root.
    pub fn text(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            bytes: text.into().into_bytes(),
            mode: 0o644,
            uid: 0,
            gid: 0,
        }
    }
}

impl std::fmt::Debug for ShownFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShownFile")
            .field("path", &self.path)
            .field("size", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// The network that is seen inside. In chroot isolation it is always this machine's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Network {
    /// This machine's.
    Host,
    /// Its own, with nothing but loopback.
    Isolated,
    /// An existing one: a namespace file, e.g. [`crate::network::Namespace::path`] or `/proc/PID/ns/net`.
    Join(PathBuf),
}

/// What a program may do beyond its user's rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Caps {
    /// A build step: Docker's default capabilities, setuid programs work.
    Build,
    /// A container: as `Build` for root, nothing for others; no new privileges at exec.
    Run,
    /// Nothing at all, not even for root; no new privileges at exec.
    None,
}
