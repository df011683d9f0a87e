//! What is handed over, and to whom.

/// Another engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Docker, with `BuildKit`.
    Docker,
    /// Podman.
    Podman,
    /// Buildah.
    Buildah,
}

impl Engine {
    /// The name of its program.
    pub fn program(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
            Self::Buildah => "buildah",
        }
    }
}

/// When images are pulled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pull {
    /// If they are not here.
    #[default]
    Missing,
    /// Each time.
    Always,
    /// Never.
    Never,
}

/// A build of a Dockerfile, in the words that were said. Each list keeps its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Order {
    /// Where sources come from: a folder, `-` or a Git repository.
    pub context: String,
    /// The Dockerfile.
    pub file: Option<String>,
    /// Names of the image.
    pub tags: Vec<String>,
    /// The stage.
    pub target: Option<String>,
    /// Values of `ARG`.
    pub build_args: Vec<String>,
    /// Contexts with names.
    pub build_contexts: Vec<String>,
    /// Secrets.
    pub secrets: Vec<String>,
    /// Ssh agents.
    pub ssh: Vec<String>,
    /// Labels.
    pub labels: Vec<String>,
    /// What the image is for.
    pub platform: Option<String>,
    /// `none` or `host`.
    pub network: Option<&'static str>,
    /// Where results are written as well.
    pub outputs: Vec<String>,
    /// The file for the image's id.
    pub iidfile: Option<String>,
    /// The file for what was built.
    pub metadata_file: Option<String>,
    /// Caches to take from.
    pub cache_from: Vec<String>,
    /// Caches to write.
    pub cache_to: Vec<String>,
    /// Do everything again.
    pub no_cache: bool,
    /// Do these stages again.
    pub no_cache_filter: Vec<String>,
    /// When images are pulled.
    pub pull: Pull,
    /// Stages at once.
    pub jobs: Option<usize>,
    /// Make one layer.
    pub squash: bool,
    /// Push the image.
    pub push: bool,
    /// Look for mistakes only.
    pub check: bool,
    /// Say nothing but the result.
    pub quiet: bool,
    /// What commands run under, flag and value: `add-host`, `memory`, ...
    pub conditions: Vec<(&'static str, String)>,
    /// What docker alone has, flag and value: `provenance`, `sbom`, `attest`, `annotation`, `call`, ...
    pub docker: Vec<(&'static str, String)>,
    /// Flags that were said and that nobody but us has.
    pub ours: Vec<&'static str>,
}
