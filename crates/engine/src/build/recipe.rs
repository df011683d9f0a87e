//! A base that a Dockerfile makes: built by the same engine as any Dockerfile, as a part of the project's graph.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use boatyard_plan::attest::Taken;
use boatyard_plan::dockerfile::ignore::Ignore;
use boatyard_plan::dockerfile::{Conditions, RunNetwork, parse};
use boatyard_plan::image::{History, ImageConfig};
use boatyard_plan::project::Recipe;
use boatyard_store::host_platform;
use boatyard_store::layer::Compression;

use super::builder::Builder;
use super::{Bench, BuildError, Confinement, copy};
use crate::attest::Extras;
use crate::dockerfile::{self, Agents, DockerfileError, NoCache, Pull, Request, Secrets};
use crate::sink::under;
use crate::snapshot::Tree;

/// What the Dockerfile of a base is built with, beside what the project says.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Values of `ARG`, on top of the project's.
    pub arguments: BTreeMap<String, String>,
    /// Secrets by name.
    pub secrets: Secrets,
    /// Ssh agents by name.
    pub agents: Agents,
}

/// Builds the base, or finds it. `id` is the work that it is, for progress. True if every instruction had been carried
/// out before.
pub(super) fn make(
    builder: &Builder<'_>,
    id: &str,
    recipe: &Recipe,
) -> Result<(Tree, ImageConfig, Taken, bool), BuildError> {
    if builder.options.confined.is_some() {
        let named = [PathBuf::from(&recipe.file), PathBuf::from(&recipe.context)];
        for path in named.iter().chain(&ignores(recipe)) {
            Confinement::path(builder.context, path)?;
        }
    }
    let text = read(builder.context, &recipe.file)?;
    let failed = |cause| BuildError::Dockerfile {
        file: recipe.file.clone(),
        text: text.clone(),
        cause: Box::new(cause),
    };
    let dockerfile =
        parse(&text).map_err(|mistakes| failed(DockerfileError::Mistakes(mistakes)))?;
    let context = builder.context.join(&recipe.context);
    if !context.is_dir() {
        return Err(copy::missing(builder.context, &recipe.context));
    }
    let (options, given) = (&builder.options, &builder.options.given);
    let mut arguments = recipe.args.clone();
    arguments.extend(given.arguments.clone());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let request = Request {
        dockerfile,
        ignore: ignore(builder.context, recipe)?,
        context,
        named: BTreeMap::new(),
        target: recipe.target.clone(),
        arguments,
        labels: BTreeMap::new(),
        tags: Vec::new(),
        platform: host_platform(),
        secrets: given.secrets.clone(),
        agents: given.agents.clone(),
        network: RunNetwork::Default,
        conditions: Conditions::default(),
        pull: if options.pull {
            Pull::Always
        } else {
            Pull::Missing
        },
        no_cache: if options.no_cache {
            NoCache::All
        } else {
            NoCache::Nothing
        },
        jobs: if options.jobs == 0 {
            cores
        } else {
            options.jobs
        },
        compression: Compression::default(),
        squash: false,
        debug_shell: options.debug_shell,
        // As `base = "debian:bookworm"` is.
        debian_base: true,
        ignore_expiry: options.ignore_expiry,
        lock: options.lock.clone(),
        extras: Extras::default(),
    };
    let sink = under(&builder.sink, id);
    let bench = Bench {
        sink: &sink,
        ..builder.bench()
    };
    dockerfile::stage(bench, &request).map_err(failed)
}

/// Where it may be said what is left out of the context: as for any Dockerfile, `FILE.dockerignore` beside it, else the context's own.
fn ignores(recipe: &Recipe) -> [PathBuf; 2] {
    let beside = format!("{}.dockerignore", recipe.file);
    let within = Path::new(&recipe.context).join(".dockerignore");
    [PathBuf::from(beside), within]
}

/// What is left out of the context.
fn ignore(project: &Path, recipe: &Recipe) -> Result<Option<Ignore>, BuildError> {
    for path in ignores(recipe) {
        let text = match std::fs::read_to_string(project.join(&path)) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            read => read.map_err(|source| unreadable(project.join(&path), source))?,
        };
        return match Ignore::parse(&text) {
            Ok(ignore) => Ok(Some(ignore)),
            Err(mistakes) => Err(BuildError::Dockerfile {
                file: path.display().to_string(),
                text,
                cause: Box::new(DockerfileError::Mistakes(mistakes)),
            }),
        };
    }
    Ok(None)
}

fn read(project: &Path, file: &str) -> Result<String, BuildError> {
    let path = project.join(file);
    std::fs::read_to_string(&path).map_err(|source| {
        if source.kind() == ErrorKind::NotFound {
            copy::missing(project, file)
        } else {
            unreadable(path, source)
        }
    })
}

fn unreadable(path: PathBuf, source: std::io::Error) -> BuildError {
    BuildError::Io {
        doing: "read",
        path,
        source,
    }
}

/// What made each layer of an image, as it says itself.
pub(super) fn made_by(config: &ImageConfig) -> Vec<String> {
    let layers = config.history.iter().filter(|entry| !entry.empty_layer);
    let line = |entry: &History| entry.created_by.clone().unwrap_or_default();
    layers.map(line).collect()
}
