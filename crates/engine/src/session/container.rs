//! A container: an image's file system with a writable state on top, and what runs in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use boatyard_plan::image::RunConfig;
use boatyard_plan::reference::Reference;
use boatyard_store::Store;

use super::{Place, SessionError, volume};
use crate::account;
use crate::host::{Host, Isolation};
use crate::network;
use crate::sandbox::{
    Caps, DEFAULT_PATH, Network, Program, Running, Sandbox, ShownFile, Spec, Stdio, Tmpfs, User,
};
use crate::snapshot::{Tree, Workspace};

/// What a container is to be, beside what its image says.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// The image.
    pub image: &'a Reference,
    /// Arguments of the entry point; `None`: the image's own.
    pub args: Option<&'a [String]>,
    /// Environment beside the image's own.
    pub env: &'a BTreeMap<String, String>,
    /// Names that resolve to 127.0.0.1.
    pub hosts: &'a [String],
    /// The network it sees.
    pub network: Network,
    /// Volumes: name in the project -> absolute path.
    pub volumes: &'a BTreeMap<String, String>,
    /// Its host name.
    pub hostname: &'a str,
    /// Whether it talks to our terminal.
    pub terminal: bool,
}

/// A container that can be started once. Its writable state is gone when it is dropped.
pub struct Container {
    workspace: Workspace,
    spec: Spec,
}

impl Container {
    /// Makes the file system and works out what runs.
    pub fn prepare(
        host: &Host,
        store: &Store,
        place: &Place,
        wanted: &Wanted<'_>,
    ) -> Result<Self, SessionError> {
        let (tree, config) = image(store, wanted.image)?;
        let program = program(store, &tree, &config, wanted)?;
        let workspace = Workspace::open(host, store, &tree)?;
        let mut spec = Spec::new(workspace.root(), program);
        for (name, target) in wanted.volumes {
            spec.binds
                .push(volume::ensure(place, name, workspace.root(), target)?);
        }
        spec.files
            .push(ShownFile::text("/etc/hosts", hosts(wanted)));
        let of_machine = std::fs::read_to_string(network::RESOLVER).unwrap_or_default();
        let resolver = if wanted.network == Network::Host {
            of_machine
        } else {
            network::resolver(&of_machine)
        };
        spec.files
            .push(ShownFile::text("/etc/resolv.conf", resolver));
        if host.isolation == Isolation::Chroot {
            // gunicorn and PostgreSQL expect it; with namespaces every sandbox has it. A root that several sandboxes
            // share at once could not have it: each would make and remove it.
            spec.tmpfs.push(Tmpfs {
                target: PathBuf::from("/dev/shm"),
                size_bytes: None,
                mode: 0o1777,
            });
        }
        spec.network = wanted.network.clone();
        wanted.hostname.clone_into(&mut spec.hostname);
        Ok(Self { workspace, spec })
    }

    /// Makes its root read-only, with an empty `/tmp` in memory.
    pub(crate) fn read_only(&mut self) {
        self.spec.readonly = true;
        self.spec.tmpfs.push(Tmpfs {
            target: PathBuf::from("/tmp"),
            size_bytes: None,
            mode: 0o1777,
        });
    }

    /// Has its program run as somebody else than its image says.
    pub(crate) fn run_as(&mut self, user: User) {
        self.spec.program.user = user;
    }

    /// Starts it. Keep the container until the program has ended.
    pub fn start(
        &self,
        host: &Host,
        sandbox: &Sandbox,
        stdio: [Stdio; 3],
    ) -> Result<Running, SessionError> {
        debug_assert!(self.spec.root == self.workspace.root());
        Ok(sandbox.spawn(host, &self.spec, stdio)?)
    }
}

/// The file system and the configuration of an image in the store.
pub(crate) fn image(
    store: &Store,
    reference: &Reference,
) -> Result<(Tree, RunConfig), SessionError> {
    let found = store.resolve(reference)?;
    let descriptor = found.ok_or_else(|| SessionError::NoImage {
        reference: reference.to_string(),
    })?;
    let manifest = store.manifest(&descriptor)?;
    let config = store.config(&manifest)?;
    Ok((
        Tree {
            layers: store.layers(&manifest)?,
            epoch: 0,
        },
        config.config,
    ))
}

/// The program that an image runs: entry point and arguments, environment, user, folder.
pub(crate) fn program(
    store: &Store,
    tree: &Tree,
    config: &RunConfig,
    wanted: &Wanted<'_>,
) -> Result<Program, SessionError> {
    let mut argv = config.entrypoint.clone().unwrap_or_default();
    match wanted.args {
        Some(words) => argv.extend(words.iter().cloned()),
        None => argv.extend(config.cmd.iter().flatten().cloned()),
    }
    let mut env: Vec<(String, String)> = config
        .env
        .iter()
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    env.retain(|(name, _)| !wanted.env.contains_key(name));
    env.extend(
        wanted
            .env
            .iter()
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    if !env.iter().any(|(name, _)| name == "PATH") {
        env.push(("PATH".to_owned(), DEFAULT_PATH.to_owned()));
    }
    if wanted.terminal
        && let Ok(term) = std::env::var("TERM")
    {
        env.push(("TERM".to_owned(), term));
    }
    let read = |path: &str| -> Result<String, SessionError> {
        let bytes = tree.read(store, Path::new(path))?.unwrap_or_default();
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let found = account::find(&config.user, &read("/etc/passwd")?, &read("/etc/group")?);
    let account = found.ok_or_else(|| SessionError::NoUser {
        reference: wanted.image.to_string(),
        user: config.user.clone(),
    })?;
    let cwd = if config.working_dir.is_empty() {
        "/"
    } else {
        &config.working_dir
    };
    Ok(Program {
        argv,
        env,
        cwd: PathBuf::from(cwd),
        user: account.user,
        caps: Caps::Run,
        limits: Vec::new(),
        terminal: wanted.terminal,
    })
}

/// The container's /etc/hosts.
fn hosts(wanted: &Wanted<'_>) -> String {
    let mut names = vec!["localhost".to_owned(), wanted.hostname.to_owned()];
    names.extend(
        wanted
            .hosts
            .iter()
            .filter(|name| *name != wanted.hostname)
            .cloned(),
    );
    format!("127.0.0.1 {}\n::1 localhost\n", names.join(" "))
}
