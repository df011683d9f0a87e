//! What an instruction does, with every variable expanded: the engine has no choices left.

use serde::{Deserialize, Serialize};

/// What an instruction does to the file system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Op {
    /// Runs a command.
    Run(RunOp),
    /// Copies.
    Copy(CopyOp),
    /// Makes a folder, and those above it, unless they are there (`WORKDIR`).
    Folder {
        /// Absolute, normalised.
        path: String,
        /// Owner of what is made, `user[:group]`, names or numbers; empty means root.
        user: String,
    },
    /// Nothing: only the image's configuration changes.
    Nothing,
}

/// A command to run (`RUN`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunOp {
    /// The command; the shell is already in front.
    pub argv: Vec<String>,
    /// Its environment: the image's, then the declared arguments that are set.
    pub env: Vec<(String, String)>,
    /// Proxies from build arguments, on top of `env`. No part of what the result depends on.
    pub proxy: Proxy,
    /// `user[:group]`, names or numbers; empty means root.
    pub user: String,
    /// Absolute folder.
    pub cwd: String,
    /// `--mount`, in order.
    pub mounts: Vec<Mount>,
    /// `--network`.
    pub network: RunNetwork,
    /// A heredoc that begins with `#!`: shown to the command as an executable file.
    pub script: Option<Script>,
}

/// Variables that name proxies. Proxies may hold passwords, so that only the names are shown by `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Proxy(pub Vec<(String, String)>);

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

/// A file that only the command sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// Absolute.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// The network of a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunNetwork {
    /// The one that builds have.
    #[default]
    Default,
    /// Loopback only.
    None,
    /// The machine's.
    Host,
}

/// Something shown to one command only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// Absolute place; relative ones are below the working folder.
    pub target: String,
    /// What is shown.
    pub kind: MountKind,
}

/// Kinds of [`Mount`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MountKind {
    /// A part of the context, a stage or an image.
    Bind {
        /// Of what.
        from: Source,
        /// Path in it, relative to its root.
        source: String,
        /// Whether it can be written; what is written is dropped.
        writable: bool,
    },
    /// A folder that outlives the build.
    Cache {
        /// Its name; `target` where none is given.
        id: String,
        /// Who may use it at the same time.
        sharing: CacheSharing,
        /// What it starts from when it is new.
        from: Option<Source>,
        /// Path in `from`.
        source: String,
        /// Whether it cannot be written.
        readonly: bool,
        /// Owner when it is new.
        uid: u32,
        /// Group when it is new.
        gid: u32,
        /// Permissions when it is new.
        mode: u32,
    },
    /// Memory.
    Tmpfs {
        /// Bytes at most.
        size: Option<u64>,
    },
    /// A secret as a file, a variable or both.
    Secret {
        /// Its name.
        id: String,
        /// Absolute path of the file, if it is shown as one.
        file: Option<String>,
        /// The variable that holds it, if any.
        env: Option<String>,
        /// Whether the build fails without it.
        required: bool,
        /// Owner.
        uid: u32,
        /// Group.
        gid: u32,
        /// Permissions.
        mode: u32,
    },
    /// A socket of an ssh agent.
    Ssh {
        /// Its name, `default` where none is given.
        id: String,
        /// Whether the build fails without it.
        required: bool,
        /// Owner.
        uid: u32,
        /// Group.
        gid: u32,
        /// Permissions.
        mode: u32,
    },
}

/// Who may use a cache at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CacheSharing {
    /// Everybody.
    #[default]
    Shared,
    /// Whoever comes second gets another one.
    Private,
    /// Whoever comes second waits.
    Locked,
}

/// Where something is copied or shown from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The build context.
    Context,
    /// A context given by name (`--build-context`).
    Named(String),
    /// A stage, by its index from 0.
    Stage(usize),
    /// An image, by its reference as written; `scratch` is the empty one.
    Image(String),
}

/// What is copied (`COPY` and `ADD`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyOp {
    /// Where paths are looked up.
    pub from: Source,
    /// What, in order.
    pub sources: Vec<CopySource>,
    /// Absolute; ends in `/` where it is surely a folder (written so, or several sources).
    pub dest: String,
    /// `--chown`: `user[:group]`, names or numbers. Without it: root for the context's files, the owner they have
    /// there for those of a stage or image.
    pub chown: Option<String>,
    /// `--chmod`: octal or symbolic, several parted by commas.
    pub chmod: Option<String>,
    /// `--link`: the destination's links are not followed.
    pub link: bool,
    /// `--parents`: folders on the way are kept, from a `/./` in the source on.
    pub parents: bool,
    /// `--exclude`.
    pub exclude: Vec<String>,
    /// What happens to archives.
    pub unpack: Unpack,
    /// `ADD --checksum`, `algorithm:hex`.
    pub checksum: Option<String>,
    /// `ADD --keep-git-dir`.
    pub keep_git_dir: bool,
}

/// One thing that is copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CopySource {
    /// A path or pattern in [`CopyOp::from`].
    Path(String),
    /// A download (`ADD`).
    Url(String),
    /// A Git repository, `URL[#ref[:folder]]` (`ADD`).
    Git(String),
    /// A heredoc: the file's name and its text, expanded.
    Inline {
        /// Name of the file, if the destination is a folder.
        name: String,
        /// Its text.
        text: String,
    },
}

/// What happens to archives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unpack {
    /// They are copied (`COPY`; `ADD --unpack=false`).
    #[default]
    Never,
    /// Those of the context are unpacked, downloads are not (`ADD`).
    Local,
    /// All are (`ADD --unpack=true`).
    Always,
}
