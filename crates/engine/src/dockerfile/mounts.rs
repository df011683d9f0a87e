//! What is shown to one command: `RUN --mount`.
//!
//! ```text
//! bind    a part of the context, a stage or an image; on a state of its own, so that what is written is dropped
//! cache   a folder below $BOATYARD_HOME/cache
//! tmpfs   memory
//! secret  a file in memory, a variable or both
//! ssh     a socket of ours that leads to the agent
//! ```
//! The mount points that a root lacks are made for the command and taken away again: no layer has them.

use std::path::{Path, PathBuf};

use boatyard_plan::digest::Digest;
use boatyard_plan::dockerfile::{Mount, MountKind};
use boatyard_store::Scratch;
use serde::Serialize;

use super::agent::{Owner, Passage};
use super::cache::{self, Cache, New};
use super::driver::Driver;
use super::{DockerfileError, copy, inside, secret};
use crate::build::key::Named;
use crate::host::Isolation;
use crate::sandbox::{Bind, ShownFile, Tmpfs};
use crate::snapshot::{Tree, Workspace};

/// A part of a file system.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// The file system.
    pub(super) tree: Tree,
    /// Path in it, absolute.
    pub(super) path: PathBuf,
    /// What it is, for messages.
    pub(super) place: String,
}

/// A mount, as far as the result of the command depends on it.
#[derive(Serialize)]
pub(super) struct Input<'a> {
    target: &'a str,
    kind: &'static str,
    /// What is shown: a file system and the path in it.
    content: Option<(Digest, Named)>,
    /// What else is said about it. Of a secret only its name, never its value.
    said: serde_json::Value,
}

/// All that a command's mounts ask of its sandbox.
#[derive(Default)]
pub(super) struct Mounted {
    pub(super) binds: Vec<Bind>,
    pub(super) files: Vec<ShownFile>,
    pub(super) tmpfs: Vec<Tmpfs>,
    pub(super) env: Vec<(String, String)>,
    /// What the command's output must not tell.
    pub(super) unspeakable: Vec<String>,
    kept: Vec<Kept>,
}

/// What must live as long as the command.
#[expect(dead_code, reason = "held for what happens when they are dropped")]
enum Kept {
    State(Box<Workspace>),
    Cache(Cache),
    Agent(Passage, Scratch),
}

/// Mounts with what they show looked up.
pub(super) struct Mounts<'a> {
    all: Vec<(&'a Mount, Option<Part>)>,
}

impl<'a> Mounts<'a> {
    /// Looks up what is shown. Waits for stages that it is a part of.
    pub(super) fn of(driver: &Driver<'_>, mounts: &'a [Mount]) -> Result<Self, DockerfileError> {
        let look_up = |mount: &'a Mount| {
            let part = match &mount.kind {
                MountKind::Bind { from, source, .. }
                | MountKind::Cache {
                    from: Some(from),
                    source,
                    ..
                } => Some(copy::part(driver, from, source)?),
                _ => None,
            };
            Ok((mount, part))
        };
        Ok(Self {
            all: mounts
                .iter()
                .map(look_up)
                .collect::<Result<_, DockerfileError>>()?,
        })
    }

    /// What the command's result depends on.
    pub(super) fn inputs(&self) -> Vec<Input<'a>> {
        self.all
            .iter()
            .map(|(mount, part)| {
                let content = part
                    .as_ref()
                    .map(|part| (part.tree.chain_id(), Named(part.path.clone())));
                input(mount, content)
            })
            .collect()
    }

    /// Makes all of it.
    pub(super) fn mount(&self, driver: &Driver<'_>) -> Result<Mounted, DockerfileError> {
        let mut mounted = Mounted::default();
        for (mount, part) in &self.all {
            mounted.add(driver, mount, part.as_ref())?;
        }
        Ok(mounted)
    }
}

fn input(mount: &Mount, content: Option<(Digest, Named)>) -> Input<'_> {
    use serde_json::json;
    let (kind, said) = match &mount.kind {
        MountKind::Bind { writable, .. } => ("bind", json!({ "writable": writable })),
        MountKind::Cache {
            id, readonly, mode, ..
        } => (
            "cache",
            json!({ "id": id, "readonly": readonly, "mode": mode }),
        ),
        MountKind::Tmpfs { size } => ("tmpfs", json!({ "size": size })),
        MountKind::Secret {
            id,
            file,
            env,
            uid,
            gid,
            mode,
            ..
        } => (
            "secret",
            json!({ "id": id, "file": file, "env": env, "uid": uid, "gid": gid, "mode": mode }),
        ),
        MountKind::Ssh { id, .. } => ("ssh", json!({ "id": id })),
    };
    Input {
        target: &mount.target,
        kind,
        content,
        said,
    }
}

impl Mounted {
    fn add(
        &mut self,
        driver: &Driver<'_>,
        mount: &Mount,
        part: Option<&Part>,
    ) -> Result<(), DockerfileError> {
        let target = Path::new(&mount.target);
        match &mount.kind {
            MountKind::Bind { writable, .. } => {
                let part = part.expect("looked up for every bind");
                let (state, source) = opened(driver, part)?;
                self.bind(source, target, !writable);
                self.kept.push(Kept::State(Box::new(state)));
            }
            MountKind::Cache {
                id,
                sharing,
                readonly,
                uid,
                gid,
                mode,
                ..
            } => {
                let opened = part.map(|part| opened(driver, part)).transpose()?;
                let new = New {
                    uid: *uid,
                    gid: *gid,
                    mode: *mode,
                    content: opened.as_ref().map(|(_, source)| source.as_path()),
                };
                let own = driver
                    .bench
                    .confined
                    .map(|confinement| confinement.cache(id));
                let name = own.as_ref().unwrap_or(id);
                let cache = cache::take(&driver.bench, name, *sharing, &new)?;
                self.bind(cache.folder.clone(), target, *readonly);
                self.kept.push(Kept::Cache(cache));
            }
            MountKind::Tmpfs { size } => self.tmpfs.push(Tmpfs {
                target: target.to_path_buf(),
                size_bytes: *size,
                mode: 0o1777,
            }),
            MountKind::Secret { .. } => self.secret(driver, &mount.kind)?,
            MountKind::Ssh {
                id,
                required,
                uid,
                gid,
                mode,
            } => {
                let owner = Owner {
                    uid: *uid,
                    gid: *gid,
                    mode: *mode,
                };
                match driver.request.agents.get(id) {
                    Some(agent) => self.agent(driver, agent, target, owner)?,
                    None if *required => return Err(DockerfileError::NoAgent { id: id.clone() }),
                    None => {}
                }
            }
        }
        Ok(())
    }

    fn bind(&mut self, source: PathBuf, target: &Path, readonly: bool) {
        self.binds.push(Bind {
            source,
            target: target.to_path_buf(),
            readonly,
        });
    }

    fn secret(&mut self, driver: &Driver<'_>, kind: &MountKind) -> Result<(), DockerfileError> {
        let MountKind::Secret {
            id,
            file,
            env,
            required,
            uid,
            gid,
            mode,
        } = kind
        else {
            return Ok(());
        };
        let Some(bytes) = secret::read(&driver.request.secrets, id)? else {
            if *required {
                return Err(DockerfileError::NoSecret { id: id.clone() });
            }
            return Ok(());
        };
        self.unspeakable.extend(secret::unspeakable(&bytes));
        if let Some(name) = env {
            let value = String::from_utf8_lossy(&bytes).into_owned();
            self.env.push((name.clone(), value));
        }
        if let Some(path) = file {
            self.files.push(ShownFile {
                path: PathBuf::from(path),
                bytes,
                mode: *mode,
                uid: *uid,
                gid: *gid,
            });
        }
        Ok(())
    }

    fn agent(
        &mut self,
        driver: &Driver<'_>,
        agent: &Path,
        target: &Path,
        owner: Owner,
    ) -> Result<(), DockerfileError> {
        if driver.bench.host.isolation == Isolation::Chroot {
            return Err(DockerfileError::Impossible {
                what: "RUN --mount=type=ssh",
                why: "a socket can only be shown where mounts are permitted",
            });
        }
        let scratch = driver.bench.store.scratch()?;
        let passage =
            Passage::open(agent, scratch.path(), owner).map_err(|source| DockerfileError::Io {
                doing: "open a socket for the ssh agent in",
                path: scratch.path().to_path_buf(),
                source,
            })?;
        self.bind(passage.socket.clone(), target, false);
        if !self.env.iter().any(|(name, _)| name == "SSH_AUTH_SOCK") {
            let target = target.display().to_string();
            self.env.push(("SSH_AUTH_SOCK".to_owned(), target));
        }
        self.kept.push(Kept::Agent(passage, scratch));
        Ok(())
    }
}

/// A state of its own for a part, and where the part is in it.
fn opened(driver: &Driver<'_>, part: &Part) -> Result<(Workspace, PathBuf), DockerfileError> {
    let bench = &driver.bench;
    let state = Workspace::open(bench.host, bench.store, &part.tree)?;
    let source = inside::find(state.root(), &part.path).map_err(|_| DockerfileError::NoPath {
        path: part.path.display().to_string(),
        place: part.place.clone(),
    })?;
    Ok((state, source))
}
