//! Runs commands in a workspace, with the host's surroundings shown to them.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead as _, BufReader, PipeReader};
use std::path::{Path, PathBuf};

use boatyard_plan::event::Event;

use super::BuildError;
use super::builder::Builder;
use super::environment::{CA_IN_STEP, ca_bundle, outside};
use crate::host::{Host, Isolation};
use crate::sandbox::{
    Bind, Caps, DEFAULT_PATH, Network, Program, ShownFile, Spec, Stdio, Tmpfs, User,
};
use crate::snapshot::{Tree, Workspace};

/// How many of a command's last lines are kept for its error.
const KEPT_LINES: usize = 30;

/// Something of the host that a command sees.
pub(super) struct Shown {
    from: PathBuf,
    at: &'static str,
    readonly: bool,
}

impl Shown {
    /// A file or folder that cannot be written to.
    pub(super) fn read_only(from: PathBuf, at: &'static str) -> Self {
        Self {
            from,
            at,
            readonly: true,
        }
    }

    /// A folder that outlives the step.
    pub(super) fn cache(from: PathBuf, at: &'static str) -> Self {
        Self {
            from,
            at,
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
}

/// How a command ended.
pub(super) struct Ended {
    /// Exit code, 128 + signal.
    pub(super) code: i32,
    /// The last lines it printed.
    pub(super) last_lines: Vec<String>,
}

/// Runs a command that must succeed; its output goes to the sink as lines of the step `id`.
pub(super) fn run(
    builder: &Builder<'_>,
    root: &Path,
    id: &str,
    job: &Job<'_>,
) -> Result<(), BuildError> {
    let Ended { code, last_lines } = execute(builder, root, id, job)?;
    if code == 0 {
        return Ok(());
    }
    let command = job.argv.first().cloned().unwrap_or_default();
    Err(BuildError::Command {
        command,
        code,
        last_lines,
    })
}

/// Runs a command to its end; its output goes to the sink as lines of the step `id`.
pub(super) fn execute(
    builder: &Builder<'_>,
    root: &Path,
    id: &str,
    job: &Job<'_>,
) -> Result<Ended, BuildError> {
    let command = job.argv.first().cloned().unwrap_or_default();
    let pipe_failed = |source| BuildError::Io {
        doing: "make a pipe for",
        path: PathBuf::from(&command),
        source,
    };
    let _turns = turns(builder.host, job)?;
    let (reader, writer) = std::io::pipe().map_err(pipe_failed)?;
    let second = writer.try_clone().map_err(pipe_failed)?;
    let stdio = [Stdio::Null, Stdio::from(writer), Stdio::from(second)];
    let mut running = builder
        .sandbox
        .spawn(builder.host, &spec(root, job), stdio)?;
    let last_lines = relay(builder, id, reader);
    Ok(Ended {
        code: running.wait()?.code,
        last_lines,
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

/// Sends each line to the sink; returns the last ones.
fn relay(builder: &Builder<'_>, id: &str, reader: PipeReader) -> Vec<String> {
    let mut last = VecDeque::with_capacity(KEPT_LINES);
    let mut reader = BufReader::new(reader);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes).is_ok_and(|n| n > 0) {
        let line = String::from_utf8_lossy(&bytes)
            .trim_end_matches(['\n', '\r'])
            .to_owned();
        if last.len() == KEPT_LINES {
            last.pop_front();
        }
        last.push_back(line.clone());
        (builder.sink)(Event::Output {
            id: id.to_owned(),
            line,
        });
        bytes.clear();
    }
    last.into()
}

fn spec(root: &Path, job: &Job<'_>) -> Spec {
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
            target: PathBuf::from(shown.at),
            readonly: shown.readonly,
        })
        .collect();
    let mut files = Vec::new();
    if job.network {
        let bundle = ca_bundle();
        env.extend(outside(bundle.is_some()));
        binds.extend(bundle.map(|source| Bind {
            source,
            target: PathBuf::from(CA_IN_STEP),
            readonly: true,
        }));
        files.extend(
            ["/etc/resolv.conf", "/etc/hosts"]
                .iter()
                .filter_map(|path| {
                    Some(ShownFile {
                        path: PathBuf::from(path),
                        text: std::fs::read_to_string(path).ok()?,
                    })
                }),
        );
    }
    env.retain(|(name, _)| !job.env.iter().any(|(ours, _)| ours == name));
    env.extend(job.env.iter().cloned());
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
        network: if job.network {
            Network::Host
        } else {
            Network::Isolated
        },
        hostname: "build".to_owned(),
        init: true,
        ..Spec::new(
            root,
            Program {
                argv: job.argv.clone(),
                env,
                cwd: PathBuf::from("/"),
                user: User::ROOT,
                caps: Caps::Build,
                terminal: false,
            },
        )
    }
}

/// Opens a shell in the state before a failed step, on our terminal.
pub(super) fn shell(builder: &Builder<'_>, before: &Tree, cause: &BuildError) {
    let Ok(workspace) = Workspace::open(builder.host, builder.store, before) else {
        return;
    };
    eprintln!("{cause}\nopening a shell in the state before the step; leave it with \"exit\"");
    let shell = if before
        .exists(builder.store, Path::new("/bin/bash"))
        .unwrap_or(false)
    {
        "/bin/bash"
    } else {
        "/bin/sh"
    };
    let job = Job {
        argv: vec![shell.to_owned()],
        env: Vec::new(),
        shown: &[],
        network: true,
    };
    let mut spec = spec(workspace.root(), &job);
    spec.program.terminal = true;
    match builder.sandbox.spawn(
        builder.host,
        &spec,
        [Stdio::Inherit, Stdio::Inherit, Stdio::Inherit],
    ) {
        Ok(mut running) => {
            let _ = running.wait();
        }
        Err(error) => eprintln!("cannot open a shell: {error}"),
    }
}
