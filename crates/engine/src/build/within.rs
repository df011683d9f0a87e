//! Runs commands in a workspace, with the host's surroundings shown to them.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::BuildError;
use super::bench::Bench;
use super::command::{self, Ended};
use super::confined::Confined;
use super::environment::{CA_IN_STEP, ca_bundle, outside};
use crate::host::{Host, Isolation};
use crate::network;
use crate::sandbox::{
    Bind, Caps, DEFAULT_PATH, Network, Program, ShownFile, Spec, Stdio, Tmpfs, User,
};
use crate::snapshot::{Tree, Workspace};

/// Something of the host that a command sees.
pub(super) struct Shown {
    from: PathBuf,
    at: String,
    readonly: bool,
}

impl Shown {
    /// A file or folder that cannot be written to.
    pub(super) fn read_only(from: PathBuf, at: impl Into<String>) -> Self {
        Self {
            from,
            at: at.into(),
            readonly: true,
        }
    }

    /// A folder that outlives the step.
    pub(super) fn cache(from: PathBuf, at: impl Into<String>) -> Self {
        Self {
            from,
            at: at.into(),
            readonly: false,
        }
    }
}

/// A command of a build step; it runs as root of the sandbox.
pub(super) struct Job<'a> {
    pub(super) argv: Vec<String>,
    pub(super) env: Vec<(String, String)>,
    pub(super) shown: &'a [Shown],
    /// Whether it sees the host's network, and the proxies and authorities that belong to it.
    pub(super) network: bool,
    /// What its output must not show.
    pub(super) secrets: &'a [String],
}

/// Runs a command that must succeed; its output goes to the sink as lines of the step `id`.
pub(super) fn run(
    bench: &Bench<'_>,
    root: &Path,
    id: &str,
    job: &Job<'_>,
) -> Result<(), BuildError> {
    execute(bench, root, id, job)?.well(&job.argv)
}

/// Runs a command to its end; its output goes to the sink as lines of the step `id`.
pub(super) fn execute(
    bench: &Bench<'_>,
    root: &Path,
    id: &str,
    job: &Job<'_>,
) -> Result<Ended, BuildError> {
    let _turns = turns(bench.host, job)?;
    let confined = job.network.then(|| Confined::of(bench, id)).transpose()?;
    let confined = confined.flatten();
    let spec = spec(root, job, confined.as_ref());
    let ended = command::execute(bench, id, &spec, job.secrets)?;
    Ok(Ended {
        refused: confined.map_or(Vec::new(), |confined| confined.refused()),
        ..ended
    })
}

/// Waits until no other step has the job's caches, where sandboxes cannot share them: without mounts a cache is moved
/// into the root. They are free again when the files are dropped.
fn turns(host: &Host, job: &Job<'_>) -> Result<Vec<File>, BuildError> {
    if host.isolation == Isolation::Namespaces {
        return Ok(Vec::new());
    }
    let caches = job.shown.iter().filter(|shown| !shown.readonly);
    let lock = |path: PathBuf| {
        let locked = File::create(&path).and_then(|file| file.lock().map(|()| file));
        locked.map_err(|source| BuildError::Io {
            doing: "lock",
            path,
            source,
        })
    };
    caches
        .map(|shown| lock(shown.from.with_extension("lock")))
        .collect()
}

/// What belongs to the host's network and is shown to a step that sees it.
pub(crate) struct Surroundings {
    /// Proxies, indexes, and where the authorities are.
    pub(crate) env: Vec<(String, String)>,
    /// The authorities.
    pub(crate) binds: Vec<Bind>,
    /// How names are resolved.
    pub(crate) files: Vec<ShownFile>,
}

/// What belongs to the host's network. `names` are lines of `/etc/hosts` that count before this machine's.
pub(crate) fn surroundings(names: &str) -> Surroundings {
    let bundle = ca_bundle();
    let read = |path| std::fs::read_to_string(path).ok();
    let own = read("/etc/hosts").unwrap_or_default();
    let hosts = hosts(&format!("{names}{own}"));
    let resolver = read("/etc/resolv.conf");
    Surroundings {
        env: outside(bundle.is_some()),
        binds: bundle
            .map(|source| Bind {
                source,
                target: PathBuf::from(CA_IN_STEP),
                readonly: true,
            })
            .into_iter()
            .collect(),
        files: resolver
            .map(|text| ShownFile::text("/etc/resolv.conf", text))
            .into_iter()
            .chain([ShownFile::text("/etc/hosts", hosts)])
            .collect(),
    }
}

/// What belongs to the network of a command that is confined: no proxy, no password, and no name but those that are asked for.
/// `names` are lines of `/etc/hosts`.
pub(crate) fn surroundings_of(confined: &Confined, names: &str) -> Surroundings {
    let mut around = surroundings(names);
    let is_proxy = |name: &str| name.to_ascii_lowercase().ends_with("_proxy");
    around
        .env
        .retain(|(name, value)| !is_proxy(name) && !value.contains('@'));
    let resolver = if confined.has_way_out() {
        network::resolver("")
    } else {
        String::new()
    };
    around.files = vec![
        ShownFile::text("/etc/resolv.conf", resolver),
        ShownFile::text("/etc/hosts", hosts(names)),
    ];
    around
}

/// What a step is called by itself; programs ask for their address by it.
pub(crate) const HOST_NAME: &str = "build";

/// A step's `/etc/hosts`: what the machine's says (`shown`), and its own name.
pub(crate) fn hosts(shown: &str) -> String {
    let mut text = shown.to_owned();
    let mut names = text.lines().flat_map(|line| {
        line.split('#')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .skip(1)
    });
    if !names.any(|name| name == "localhost") {
        text = format!("127.0.0.1 localhost\n::1 localhost\n{text}");
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    format!("{text}127.0.0.1 {HOST_NAME}\n")
}

fn spec(root: &Path, job: &Job<'_>, confined: Option<&Confined>) -> Spec {
    let mut env = vec![
        ("PATH".to_owned(), DEFAULT_PATH.to_owned()),
        ("HOME".to_owned(), "/root".to_owned()),
        ("LANG".to_owned(), "C.UTF-8".to_owned()),
    ];
    let mut binds: Vec<Bind> = job
        .shown
        .iter()
        .map(|shown| Bind {
            source: shown.from.clone(),
            target: PathBuf::from(&shown.at),
            readonly: shown.readonly,
        })
        .collect();
    let mut files = Vec::new();
    if job.network {
        let around = match confined {
            Some(confined) => surroundings_of(confined, ""),
            None => surroundings(""),
        };
        env.extend(around.env);
        binds.extend(around.binds);
        files = around.files;
    }
    env.retain(|(name, _)| !job.env.iter().any(|(ours, _)| ours == name));
    env.extend(job.env.iter().cloned());
    // An empty one takes away what the machine says.
    env.retain(|(_, value)| !value.is_empty());
    Spec {
        binds,
        files,
        tmpfs: ["/run", "/tmp"]
            .map(|target| Tmpfs {
                target: PathBuf::from(target),
                size_bytes: None,
                mode: if target == "/tmp" { 0o1777 } else { 0o755 },
            })
            .into(),
        network: match confined {
            Some(confined) => confined.network(),
            None if job.network => Network::Host,
            None => Network::Isolated,
        },
        hostname: HOST_NAME.to_owned(),
        init: true,
        ..Spec::new(
            root,
            Program {
                argv: job.argv.clone(),
                env,
                cwd: PathBuf::from("/"),
                user: User::ROOT,
                caps: Caps::Build,
                limits: Vec::new(),
                terminal: false,
            },
        )
    }
}

/// Opens a shell in the state before a failed step, on our terminal.
pub(super) fn shell(bench: &Bench<'_>, before: &Tree, cause: &BuildError) {
    let workspace = match Workspace::open(bench.host, bench.store, before) {
        Ok(workspace) => workspace,
        Err(error) => return eprintln!("cannot open a shell: {error}"),
    };
    let job = Job {
        argv: Vec::new(),
        env: Vec::new(),
        shown: &[],
        network: true,
        secrets: &[],
    };
    let confined = match Confined::of(bench, "shell") {
        Ok(confined) => confined,
        Err(error) => return eprintln!("cannot open a shell: {error}"),
    };
    let spec = spec(workspace.root(), &job, confined.as_ref());
    interactive(bench, before, spec, cause);
}

/// Says why, and runs a shell on our terminal instead of the program of `spec`, whose root is in the state `before`.
pub(crate) fn interactive(
    bench: &Bench<'_>,
    before: &Tree,
    mut spec: Spec,
    cause: &dyn std::fmt::Display,
) {
    eprintln!("{cause}\nopening a shell in the state before the step; leave it with \"exit\"");
    let has_bash = before.exists(bench.store, Path::new("/bin/bash"));
    let shell = if has_bash.unwrap_or(false) {
        "/bin/bash"
    } else {
        "/bin/sh"
    };
    spec.program.argv = vec![shell.to_owned()];
    spec.program.terminal = true;
    let stdio = [Stdio::Inherit, Stdio::Inherit, Stdio::Inherit];
    match bench.sandbox.spawn(bench.host, &spec, stdio) {
        Ok(mut running) => {
            let _ = running.wait();
        }
        Err(error) => eprintln!("cannot open a shell: {error}"),
    }
}
