//! `RUN`: a command on top of a stage.

use std::path::{Path, PathBuf};

use boatyard_plan::dockerfile::{Conditions, RunNetwork, RunOp};
use boatyard_store::layer;
use serde::Serialize;

use super::driver::Driver;
use super::mounts::{Input, Mounted, Mounts};
use super::record::Record;
use super::{DockerfileError, inside};
use crate::account::{self, Account};
use crate::build::Confinement;
use crate::build::command;
use crate::build::confined::Confined;
use crate::build::epoch;
use crate::build::key::key;
use crate::build::within;
use crate::host::{Isolation, Networks};
use crate::sandbox::{Caps, DEFAULT_PATH, Network, Program, ShownFile, Spec, Tmpfs};
use crate::snapshot::{Tree, Workspace};

/// A command with its inputs read.
pub(super) struct Run<'a> {
    op: &'a RunOp,
    parent: &'a Tree,
    mounts: Mounts<'a>,
    account: Account,
}

/// What the result of a command depends on.
#[derive(Serialize)]
struct Inputs<'a> {
    tree: boatyard_plan::digest::Digest,
    argv: &'a [String],
    env: &'a [(String, String)],
    user: &'a str,
    cwd: &'a str,
    network: RunNetwork,
    #[serde(skip_serializing_if = "Option::is_none")]
    confined: Option<String>,
    #[serde(skip_serializing_if = "Conditions::is_empty")]
    conditions: &'a Conditions,
    mounts: Vec<Input<'a>>,
    script: &'a Option<boatyard_plan::dockerfile::Script>,
    epoch: Option<i64>,
    media_type: &'static str,
}

impl<'a> Run<'a> {
    /// Reads the inputs. Waits for stages that are shown to the command.
    pub(super) fn prepare(
        driver: &Driver<'_>,
        op: &'a RunOp,
        parent: &'a Tree,
    ) -> Result<Self, DockerfileError> {
        let read = |path: &str| -> Result<String, DockerfileError> {
            let bytes = parent.read(driver.bench.store, Path::new(path))?;
            Ok(String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned())
        };
        let account = account::find(&op.user, &read("/etc/passwd")?, &read("/etc/group")?);
        Ok(Self {
            op,
            parent,
            mounts: Mounts::of(driver, &op.mounts)?,
            account: account.ok_or_else(|| DockerfileError::NoUser {
                user: op.user.clone(),
            })?,
        })
    }

    /// The key of what the command makes.
    pub(super) fn key(&self, driver: &Driver<'_>) -> String {
        let RunOp {
            argv,
            env,
            user,
            cwd,
            network,
            script,
            ..
        } = self.op;
        key(
            "run",
            &Inputs {
                tree: self.parent.chain_id(),
                argv,
                env,
                user,
                cwd,
                network: *network,
                confined: driver.bench.confined.map(Confinement::identity),
                conditions: &driver.request.conditions,
                mounts: self.mounts.inputs(),
                script,
                epoch: epoch::from_environment(),
                media_type: driver.request.compression.media_type(),
            },
        )
    }

    /// Runs it and keeps what it changed.
    pub(super) fn perform(&self, driver: &Driver<'_>, id: &str) -> Result<Record, DockerfileError> {
        let bench = &driver.bench;
        let _turn = driver.turns.take();
        driver.go_on(id)?;
        let workspace = Workspace::open(bench.host, bench.store, self.parent)?;
        let mounted = self.mounts.mount(driver)?;
        let confined = self.confined(driver, id)?;
        let spec = self.spec(driver, &workspace, &mounted, confined.as_ref())?;
        let ended = command::execute_watched(bench, id, &spec, &mounted.unspeakable, |handle| {
            driver.runs(handle);
        })?;
        if ended.code != 0 {
            // It may have been ended because something else failed.
            driver.go_on(id)?;
            return Err(DockerfileError::Command {
                code: ended.code,
                last_lines: ended.last_lines,
                refused: confined.map_or(Vec::new(), |confined| confined.refused()),
            });
        }
        let options = layer::Options {
            epoch: epoch::from_environment(),
            compression: driver.request.compression,
        };
        let (layer, newest) = workspace.commit_dated(bench.store, &options)?;
        Ok(Record {
            layer: Some(layer),
            epoch: epoch::from_environment()
                .or(newest)
                .unwrap_or(self.parent.epoch),
        })
    }

    /// Opens a shell where the command would have run.
    pub(super) fn shell(&self, driver: &Driver<'_>, cause: &DockerfileError) {
        let bench = &driver.bench;
        let attempt = || -> Result<(), DockerfileError> {
            let workspace = Workspace::open(bench.host, bench.store, self.parent)?;
            let mounted = self.mounts.mount(driver)?;
            let confined = self.confined(driver, "shell")?;
            let spec = self.spec(driver, &workspace, &mounted, confined.as_ref())?;
            within::interactive(bench, self.parent, spec, cause);
            Ok(())
        };
        if let Err(error) = attempt() {
            eprintln!("cannot open a shell: {error}");
        }
    }

    /// The network of a command that is to have one, if the build is confined.
    fn confined(&self, driver: &Driver<'_>, id: &str) -> Result<Option<Confined>, DockerfileError> {
        if driver.network(self.op.network) == RunNetwork::None {
            return Ok(None);
        }
        Ok(Confined::of(&driver.bench, id)?)
    }

    fn spec(
        &self,
        driver: &Driver<'_>,
        workspace: &Workspace,
        mounted: &Mounted,
        confined: Option<&Confined>,
    ) -> Result<Spec, DockerfileError> {
        let (root, user) = (workspace.root(), &self.account.user);
        let (cwd, _) = self
            .parent
            .destination(driver.bench.store, Path::new(&self.op.cwd))?;
        inside::make_folder(root, &cwd, (user.uid, user.gid)).map_err(|source| {
            DockerfileError::Io {
                doing: "make the working folder",
                path: PathBuf::from(&self.op.cwd),
                source,
            }
        })?;
        let mut spec = Spec::new(
            root,
            Program {
                argv: self.op.argv.clone(),
                env: self.op.env.clone(),
                cwd: PathBuf::from(&self.op.cwd),
                user: user.clone(),
                caps: Caps::Build,
                limits: driver.limits.clone(),
                terminal: false,
            },
        );
        spec.binds.clone_from(&mounted.binds);
        spec.tmpfs.clone_from(&mounted.tmpfs);
        spec.shm_bytes = driver.request.conditions.shm_bytes;
        within::HOST_NAME.clone_into(&mut spec.hostname);
        spec.init = true;
        self.network(driver, &mut spec, confined)?;
        // Later ones are laid over earlier ones.
        spec.files.extend(mounted.files.iter().cloned());
        spec.files
            .extend(self.op.script.iter().map(|script| ShownFile {
                mode: 0o755,
                ..ShownFile::text(&script.path, &script.text)
            }));
        if driver.bench.host.isolation == Isolation::Chroot {
            spec.tmpfs.push(Tmpfs {
                target: PathBuf::from("/dev/shm"),
                size_bytes: None,
                mode: 0o1777,
            });
        }
        let set = |spec: &mut Spec, name: &str, value: &str| {
            let env = &mut spec.program.env;
            if !env.iter().any(|(known, _)| known == name) {
                env.push((name.to_owned(), value.to_owned()));
            }
        };
        for (name, value) in &self.op.proxy.0 {
            spec.program.env.retain(|(known, _)| known != name);
            set(&mut spec, name, value);
        }
        set(&mut spec, "PATH", DEFAULT_PATH);
        set(&mut spec, "HOME", &self.account.home);
        for (name, value) in &mounted.env {
            spec.program.env.retain(|(known, _)| known != name);
            set(&mut spec, name, value);
        }
        Ok(spec)
    }

    fn network(
        &self,
        driver: &Driver<'_>,
        spec: &mut Spec,
        confined: Option<&Confined>,
    ) -> Result<(), DockerfileError> {
        if driver.network(self.op.network) == RunNetwork::None {
            let host = driver.bench.host;
            if host.isolation == Isolation::Chroot || host.network == Networks::Host {
                return Err(DockerfileError::Impossible {
                    what: "RUN --network=none",
                    why: "a network of its own needs a network namespace",
                });
            }
            spec.network = Network::Isolated;
            let hosts = within::hosts(&driver.request.conditions.hosts_text());
            spec.files.push(ShownFile::text("/etc/hosts", hosts));
            return Ok(());
        }
        let names = driver.request.conditions.hosts_text();
        let around = if let Some(confined) = confined {
            spec.network = confined.network();
            within::surroundings_of(confined, &names)
        } else {
            spec.network = Network::Host;
            within::surroundings(&names)
        };
        for (name, value) in around.env {
            if !spec.program.env.iter().any(|(known, _)| *known == name) {
                spec.program.env.push((name, value));
            }
        }
        spec.binds.extend(around.binds);
        spec.files.extend(around.files);
        Ok(())
    }
}
