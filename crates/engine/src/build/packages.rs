//! Debian packages: a base made from nothing, and more packages on top of what is there.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use boatyard_plan::digest::Digest;
use boatyard_plan::event::{Event, Level, Unit};
use boatyard_plan::project::Repository;
use boatyard_store::layer::Layer;

use super::builder::Builder;
use super::within;
use super::{BuildError, Confinement, epoch};
use crate::debian::{
    self, Archive, Downloads, Exit, Form, Indexes, Invocation, Mirror, Owners, Progress, Request,
    Source, Suite, Trust,
};
use crate::host::Privilege;
use crate::sink::{Sink, notice};
use crate::snapshot::{Tree, Workspace};

/// Package indexes that this builder has read, by suite.
pub(super) type Known = Mutex<BTreeMap<String, Arc<Indexes>>>;

/// What is installed where.
pub(super) struct Wanted<'a> {
    /// The step or stage, for progress.
    pub(super) id: &'a str,
    /// What an empty tree becomes.
    pub(super) form: Form,
    /// Names.
    pub(super) names: &'a [String],
}

/// Installs the essential packages into an empty tree. The network has nothing to do once they are downloaded, while
/// they are being unpacked, configured and packed: then it brings what the steps on top will want (`later`, names).
pub(super) fn bootstrap(
    builder: &Builder<'_>,
    wanted: &Wanted<'_>,
    later: &[String],
    indexes: &Indexes,
) -> Result<Layer, BuildError> {
    let (fetched, free) = mpsc::channel();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // Nobody says so if the installation failed before.
            if free.into_iter().next().is_some() {
                ahead(builder, later, indexes, &over);
            }
        });
        let told = move || {
            let _ = fetched.send(());
        };
        let result = install_watched(builder, &Tree::default(), wanted, indexes, &told);
        over.store(result.is_err(), Ordering::Relaxed);
        result
    })
}

/// Downloads packages before they are asked for. What fails here fails again, and is told, in the step that asks.
fn ahead(builder: &Builder<'_>, names: &[String], indexes: &Indexes, over: &AtomicBool) {
    if names.is_empty() {
        return;
    }
    let Ok(packages) = debian::whole(names, indexes) else {
        return;
    };
    let cache = cache(builder);
    let downloads = Downloads {
        cache: &cache,
        http: &builder.bench().http(),
        offline: false,
    };
    let _ = downloads.each(&packages, &|_| {}, &|_, _| !over.load(Ordering::Relaxed));
}

/// Installs packages on top of `parent`; an empty one gets the essential ones too.
pub(super) fn install(
    builder: &Builder<'_>,
    parent: &Tree,
    wanted: &Wanted<'_>,
    indexes: &Indexes,
) -> Result<Layer, BuildError> {
    install_watched(builder, parent, wanted, indexes, &|| {})
}

/// Installs packages, and says when all are downloaded.
fn install_watched(
    builder: &Builder<'_>,
    parent: &Tree,
    wanted: &Wanted<'_>,
    indexes: &Indexes,
    fetched: &(dyn Fn() + Sync),
) -> Result<Layer, BuildError> {
    let workspace = Workspace::open(builder.host, builder.store, parent)?;
    let cache = cache(builder);
    let http = builder.bench().http();
    let downloads = Downloads {
        cache: &cache,
        http: &http,
        offline: false,
    };
    let date = epoch::from_environment().unwrap_or_else(|| date(indexes));
    let request = Request {
        packages: wanted.names.to_vec(),
        form: wanted.form,
        owners: if builder.host.privilege == Privilege::Single {
            Owners::Ignored
        } else {
            Owners::Kept
        },
        epoch: u64::try_from(date).ok(),
    };
    let watch = Watch::new(&builder.sink, wanted.id);
    let mut run = |invocation: &Invocation| {
        let env = invocation.env.clone().into_iter().collect();
        let job = within::Job {
            argv: invocation.argv.clone(),
            env,
            shown: &[],
            network: false,
            secrets: &[],
        };
        let ended = within::execute(&builder.bench(), workspace.root(), wanted.id, &job)
            .map_err(std::io::Error::other)?;
        Ok(Exit {
            code: ended.code,
            output: ended.last_lines.join("\n"),
        })
    };
    debian::install(
        workspace.root(),
        &request,
        indexes,
        &downloads,
        &|progress| match progress {
            Progress::Fetched => fetched(),
            other => watch.tell(other),
        },
        &mut run,
    )?;
    Ok(workspace.commit(builder.store, &Builder::layer_options(date))?)
}

/// The repositories that a project names, with their keys.
pub(super) fn sources(
    builder: &Builder<'_>,
    repositories: &[Repository],
) -> Result<Vec<Source>, BuildError> {
    let read = repositories.iter().map(|repository| {
        if let Some(confinement) = &builder.options.confined {
            confinement.address(&repository.url)?;
            Confinement::path(builder.context, Path::new(&repository.key))?;
        }
        if repository.has_inline_key() {
            let file = format!("the key of {}", repository.url);
            return Ok(source(
                repository,
                file,
                repository.key.clone().into_bytes(),
            ));
        }
        let path = builder.context.join(&repository.key);
        let bytes = std::fs::read(&path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => BuildError::MissingSource {
                path: repository.key.clone(),
                similar: None,
            },
            _ => BuildError::Io {
                doing: "read",
                path,
                source,
            },
        })?;
        Ok(source(repository, repository.key.clone(), bytes))
    });
    read.collect()
}

/// A repository that the key in `bytes` signs, which is called `file` in messages.
fn source(repository: &Repository, file: String, bytes: Vec<u8>) -> Source {
    Source {
        url: repository.url.clone(),
        suite: repository.suite.clone(),
        components: repository.components.clone(),
        trust: Trust::Only { file, bytes },
        optional: false,
    }
}

/// What `sources` are, for a key: another file of the same key is another one.
pub(super) fn inputs(sources: &[Source]) -> Vec<(&str, &str, &[String], Digest)> {
    let inputs = sources.iter().map(|source| {
        let bytes = match &source.trust {
            Trust::Only { bytes, .. } => bytes.as_slice(),
            Trust::Debian { .. } => &[],
        };
        (
            source.url.as_str(),
            source.suite.as_str(),
            source.components.as_slice(),
            Digest::of(bytes),
        )
    });
    inputs.collect()
}

/// The indexes of a suite and of more `sources`: read once per builder, fetched if they are not kept or newer ones are
/// asked for.
pub(super) fn indexes(
    builder: &Builder<'_>,
    id: &str,
    suite: &str,
    sources: &[Source],
) -> Result<Arc<Indexes>, BuildError> {
    let mut known = builder
        .indexes
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let asked = format!("{suite} {:?}", inputs(sources));
    if let Some(indexes) = known.get(&asked) {
        return Ok(Arc::clone(indexes));
    }
    let unknown = || BuildError::UnknownSuite {
        suite: suite.to_owned(),
    };
    let name = Suite::new(suite).ok_or_else(unknown)?;
    let mut mirror = Mirror::choose(
        &name,
        builder.mirror.as_deref(),
        &debian::apt_sources(Path::new("/etc")),
    );
    mirror.sources.extend_from_slice(sources);
    let archive = Archive {
        mirror,
        architecture: debian::host_architecture().to_owned(),
        cache: cache(builder),
        refresh: builder.options.pull,
        offline: false,
        ignore_valid_until: builder.options.ignore_expiry,
    };
    let watch = Watch::new(&builder.sink, id);
    let tell = |progress| watch.tell(progress);
    let http = builder.bench().http();
    let fetched = debian::fetch_indexes(&archive, &http, SystemTime::now(), &tell)?;
    let fetched = Arc::new(fetched);
    known.insert(asked, Arc::clone(&fetched));
    Ok(fetched)
}

/// When indexes were made, seconds since 1970.
pub(super) fn date(indexes: &Indexes) -> i64 {
    let since = indexes.date.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(0)
}

/// The suite of a tree that is Debian (os-release(5): `ID`, `VERSION_CODENAME`).
pub(super) fn suite_of(builder: &Builder<'_>, tree: &Tree) -> Result<Option<String>, BuildError> {
    let bytes = tree
        .read(builder.store, Path::new("/etc/os-release"))?
        .unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let field = |name: &str| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
        Some(line.trim_matches('"').to_owned())
    };
    Ok((field("ID").as_deref() == Some("debian"))
        .then(|| field("VERSION_CODENAME"))
        .flatten())
}

fn cache(builder: &Builder<'_>) -> std::path::PathBuf {
    builder.store.root().join("cache/debian")
}

/// Turns what the installer tells into events, not too many of them.
struct Watch<'a> {
    sink: &'a Sink,
    id: &'a str,
    state: Mutex<State>,
}

struct State {
    told: Option<Instant>,
    bytes: u64,
    packages: u64,
}

/// Progress is told at most this often.
const INTERVAL: std::time::Duration = std::time::Duration::from_millis(100);

impl<'a> Watch<'a> {
    fn new(sink: &'a Sink, id: &'a str) -> Self {
        Self {
            sink,
            id,
            state: Mutex::new(State {
                told: None,
                bytes: 0,
                packages: 0,
            }),
        }
    }

    fn tell(&self, progress: Progress) {
        let Ok(mut state) = self.state.lock() else {
            return;
        };
        let (done, total, unit, note) = match progress {
            Progress::Notice { message, help } => {
                return notice(self.sink, Level::Warning, message, help.as_deref());
            }
            Progress::Fetched => return,
            Progress::Downloaded { bytes, total } => {
                state.bytes += bytes;
                (state.bytes, total, Unit::Bytes, String::new())
            }
            Progress::Unpacked { package, total } => {
                state.packages += 1;
                (state.packages, total as u64, Unit::Packages, package)
            }
            Progress::Configured { total } => (
                total as u64,
                total as u64,
                Unit::Packages,
                "configured".to_owned(),
            ),
        };
        if done < total && state.told.is_some_and(|told| told.elapsed() < INTERVAL) {
            return;
        }
        state.told = Some(Instant::now());
        (self.sink)(Event::Progress {
            id: self.id.to_owned(),
            done,
            total: Some(total),
            unit,
            note,
        });
    }
}
