//! Python dependencies: a virtual environment, built where its wheels can be built, kept as a layer of its own.
//!
//! ```text
//! runner's parent ------ uv ------> /opt/venv     (every requirement has a wheel, or is pure Python)
//!        '- compiler --- uv, pip -> /opt/venv     (something has to be compiled)
//! ```
//! Either way only /opt/venv becomes the layer: no compiler, no cache, no installer reaches the image.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use boatyard_plan::build::ENVIRONMENT;
use boatyard_plan::digest::Digest;
use boatyard_plan::event::Level;
use boatyard_plan::project::{Installer, Requirements};
use boatyard_store::layer::{self, Entry, Layer};
use serde::Serialize;

use super::builder::Builder;
use super::bytecode::Bytecode;
use super::confined::Confinement;
use super::index::Index;
use super::installer::{CACHE_IN_STEP, Installation, PROJECT_IN_STEP, UV_IN_STEP};
use super::links::{self, Links};
use super::requirements::{self, Files};
use super::within::{self, Job, Shown};
use super::{BuildError, copy, epoch, uv};
use crate::sink::notice;
use crate::snapshot::{Tree, Workspace};

/// What a Python step does.
pub(super) struct Python<'a> {
    pub(super) version: Option<&'a str>,
    pub(super) requirements: &'a Requirements,
    pub(super) installer: Installer,
    pub(super) compiler: &'a str,
    pub(super) compile: bool,
}

/// What the result depends on.
#[derive(Serialize)]
pub(super) struct Inputs<'a> {
    parent: Digest,
    compiler: Option<Digest>,
    version: Option<&'a str>,
    requirements: &'a Requirements,
    files: BTreeMap<PathBuf, Digest>,
    installer: Installer,
    uv: &'static str,
    index: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<&'a BTreeMap<String, Digest>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confined: Option<String>,
    epoch: i64,
}

/// A Python step with its files read.
pub(super) struct Prepared<'a> {
    python: Python<'a>,
    files: Files,
    links: Vec<Links>,
    index: Index,
    confined: Option<Confinement>,
    epoch: i64,
}

impl<'a> Prepared<'a> {
    /// Reads the files that decide what is installed.
    pub(super) fn read(
        builder: &Builder<'_>,
        python: Python<'a>,
        parent: &Tree,
    ) -> Result<Self, BuildError> {
        let is_confined = builder.options.confined.is_some();
        let files = requirements::read(builder.context, python.requirements, is_confined)?;
        let links = links::read(builder.context, python.requirements)?;
        let index = builder.options.index.clone();
        let mut index = index.unwrap_or_else(Index::of_host);
        if is_confined {
            index = index.without_secrets();
        }
        Ok(Self {
            files,
            links,
            index,
            confined: builder.options.confined.clone(),
            epoch: epoch::from_environment().unwrap_or(parent.epoch),
            python,
        })
    }

    /// What the result depends on; `compiler` is the compiler's tree where it is used whatever comes.
    pub(super) fn inputs(&self, parent: &Tree, compiler: Option<&Tree>) -> Inputs<'_> {
        Inputs {
            parent: parent.chain_id(),
            compiler: compiler.map(Tree::chain_id),
            version: self.python.version,
            requirements: self.python.requirements,
            files: requirements::digests(&self.files),
            installer: self.python.installer,
            uv: uv::VERSION,
            index: Digest::of(self.index.identity().as_bytes())
                .hex()
                .to_owned(),
            links: self.links.iter().map(|links| &links.files).collect(),
            confined: self.confined.as_ref().map(Confinement::identity),
            epoch: self.epoch,
        }
    }

    /// Whether the compiler is used whatever comes: build-time packages are named, or pip installs.
    pub(super) fn compiles(&self) -> bool {
        self.python.compile || self.python.installer == Installer::Pip
    }

    /// The stage to compile in.
    pub(super) fn compiler(&self) -> &str {
        self.python.compiler
    }

    /// Installs, first on `parent`, then in the compiler's tree if something has to be compiled.
    pub(super) fn install(
        &self,
        builder: &Builder<'_>,
        id: &str,
        parent: &Tree,
    ) -> Result<Layer, BuildError> {
        if self.compiles() {
            return self.install_on(builder, id, &builder.stage(self.python.compiler)?);
        }
        match self.install_on(builder, id, parent) {
            Err(BuildError::Command { last_lines, .. }) if wants_compiler(&last_lines) => {
                notice(
                    &builder.sink,
                    Level::Info,
                    "a requirement has no wheel and has to be compiled: building the compiler stage",
                    None,
                );
                self.install_on(builder, id, &builder.stage(self.python.compiler)?)
            }
            result => result,
        }
    }

    fn install_on(
        &self,
        builder: &Builder<'_>,
        id: &str,
        tree: &Tree,
    ) -> Result<Layer, BuildError> {
        let workspace = Workspace::open(builder.host, builder.store, tree)?;
        let python = self.interpreter(builder, tree)?;
        let program = match self.python.installer {
            Installer::Uv => match uv::program(builder.store) {
                Ok(program) => Some(program),
                Err(error) if builder.has_pip(tree)? => {
                    notice(
                        &builder.sink,
                        Level::Warning,
                        format!("{error}; pip installs instead"),
                        None,
                    );
                    None
                }
                Err(error) => return Err(error),
            },
            Installer::Pip => None,
        };
        let project = self.stage_files(&workspace)?;
        // A wheel that was compiled against the libraries of one tree does not belong into another.
        let installer = if program.is_some() { "uv" } else { "pip" };
        let cache = builder
            .store
            .root()
            .join("cache")
            .join(self.cache(installer, tree));
        std::fs::create_dir_all(&cache).map_err(|source| BuildError::Io {
            doing: "make",
            path: cache.clone(),
            source,
        })?;
        let mut shown = vec![
            Shown::read_only(project, PROJECT_IN_STEP),
            Shown::cache(cache, CACHE_IN_STEP),
        ];
        let installation = Installation {
            python: &python,
            requirements: self.python.requirements,
            hashes: requirements::has_hashes(&self.files),
            links: &self.links,
        };
        let folders = self.links.iter();
        shown.extend(folders.map(|links| Shown::read_only(links.folder.clone(), &links.shown)));
        let compiles = program.is_some();
        let commands = match program {
            Some(program) => {
                shown.push(Shown::read_only(program, UV_IN_STEP));
                installation.uv()
            }
            None => installation.pip(),
        };
        for argv in commands {
            let job = Job {
                argv,
                env: self.variables(),
                shown: &shown,
                network: true,
                secrets: self.index.secrets(),
            };
            within::run(&builder.bench(), workspace.root(), id, &job)?;
        }
        let mut entries = layer::walk_tree(&workspace.root().join(relative(ENVIRONMENT)))?;
        prune(&mut entries);
        let entries = placed(entries, self.epoch);
        let bytecode = if compiles {
            Bytecode::of(&builder.bench(), &workspace, id, &python, &entries)?
        } else {
            Bytecode::default()
        };
        let layer = layer::write_in_order(
            builder.store,
            bytecode.among(entries),
            &Builder::layer_options(self.epoch),
        )?;
        builder.aside.remove(workspace);
        Ok(layer)
    }

    /// What the folder of an installer's cache is called. It writes there, and so does the code that it runs.
    fn cache(&self, installer: &str, tree: &Tree) -> String {
        let name = format!("{installer}-{}", tree.chain_id().short());
        match &self.confined {
            Some(confinement) => {
                let own = Digest::of(confinement.cache("").as_bytes());
                format!("{name}-{}", own.short())
            }
            None => name,
        }
    }

    /// The interpreter of the tree, absolute.
    fn interpreter(&self, builder: &Builder<'_>, tree: &Tree) -> Result<String, BuildError> {
        let wanted = self.python.version.map_or_else(
            || "python3".to_owned(),
            |version| format!("python{version}"),
        );
        for folder in ["/usr/local/bin", "/usr/bin", "/bin"] {
            let path = format!("{folder}/{wanted}");
            if tree.exists(builder.store, Path::new(&path))? {
                return Ok(path);
            }
        }
        Err(BuildError::NoPython { wanted })
    }

    /// Writes the files that decide into a folder that is shown to the installer.
    fn stage_files(&self, workspace: &Workspace) -> Result<PathBuf, BuildError> {
        let project = workspace.scratch().new_dir("project")?;
        for (path, bytes) in &self.files {
            let to = project.join(path);
            to.parent()
                .map_or(Ok(()), std::fs::create_dir_all)
                .and_then(|()| std::fs::write(&to, bytes))
                .map_err(|source| BuildError::Io {
                    doing: "write",
                    path: to,
                    source,
                })?;
        }
        Ok(project)
    }

    fn variables(&self) -> Vec<(String, String)> {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut variables = vec![
            pair("UV_CACHE_DIR", CACHE_IN_STEP),
            pair("UV_PYTHON_DOWNLOADS", "never"),
            pair("UV_LINK_MODE", "copy"),
            pair("UV_NO_PROGRESS", "1"),
            pair("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
            pair("PIP_NO_INPUT", "1"),
            pair("PIP_NO_COMPILE", "1"),
            pair("SOURCE_DATE_EPOCH", &self.epoch.to_string()),
            pair("VIRTUAL_ENV", ENVIRONMENT),
        ];
        variables.extend_from_slice(self.index.variables());
        variables
    }
}

/// Whether an installer's last lines say that something has to be compiled.
fn wants_compiler(lines: &[String]) -> bool {
    lines.iter().any(|line| {
        [
            "Failed to build",
            "Call to `setuptools",
            "build backend",
            "command 'gcc'",
            "No such file or directory: 'gcc'",
        ]
        .iter()
        .any(|words| line.contains(words))
    })
}

/// Leaves out what an image does not need: tests of the packages, and the installer's own marks.
fn prune(entries: &mut Vec<Entry>) {
    entries.retain(|entry| {
        let mut names = entry
            .path
            .components()
            .map(|name| name.as_os_str().to_string_lossy());
        let marks = matches!(
            entry.path.to_str(),
            Some(".lock" | ".gitignore" | ".exported.txt" | "CACHEDIR.TAG")
        );
        !marks && !names.any(|name| name == "tests")
    });
}

/// The environment's entries at their place in the image, owned by root, dated to `epoch`.
fn placed(entries: Vec<Entry>, epoch: i64) -> Vec<Entry> {
    let at = relative(ENVIRONMENT);
    let parents =
        [Path::new("/opt"), Path::new(ENVIRONMENT)].map(|path| copy::folder(path, 0o755, epoch));
    let below = entries
        .into_iter()
        .filter(|entry| !entry.path.as_os_str().is_empty());
    parents
        .into_iter()
        .chain(below.map(|mut entry| {
            entry.path = at.join(&entry.path);
            if let layer::Kind::Hardlink { target } = &mut entry.kind {
                *target = at.join(&*target);
            }
            (entry.uid, entry.gid, entry.mtime) = (0, 0, epoch);
            entry
        }))
        .collect()
}

fn relative(path: &str) -> PathBuf {
    copy::relative(Path::new(path))
}
