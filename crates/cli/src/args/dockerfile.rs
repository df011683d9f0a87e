//! Words about builds of Dockerfiles. They are docker's, and mean what they mean there.

use std::path::PathBuf;

use boatyard_plan::reference::Reference;
use clap::{Args, ValueEnum};

use super::conditions::{Conditions, Daemons};

/// What to build from a Dockerfile, and how.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "Dockerfiles")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Dockerfile {
    /// The Dockerfile [default: Dockerfile in the context; -: standard input]
    #[arg(short, long, value_name = "FILE")]
    pub file: Option<PathBuf>,

    /// What the image is called; may be said several times
    #[arg(short, long, value_name = "NAME[:TAG]", alias = "image-name")]
    pub tag: Vec<Reference>,

    /// The stage to build [default: the last]
    #[arg(long, value_name = "STAGE")]
    pub target: Option<String>,

    /// Value of an ARG [default: of the variable with that name]
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub build_arg: Vec<String>,

    /// Context for COPY --from=NAME and FROM NAME.
    #[arg(long, value_name = "NAME=CONTEXT")]
    #[arg(
        help = "Context for COPY --from=NAME and FROM NAME: a folder, oci-layout://DIR[:TAG] or docker-image://IMAGE"
    )]
    pub build_context: Vec<String>,

    /// Secret for RUN --mount=type=secret
    #[arg(long, value_name = "id=ID[,src=FILE|,env=NAME]")]
    pub secret: Vec<String>,

    /// Ssh agent for RUN --mount=type=ssh.
    #[arg(long, value_name = "default|ID[=SOCKET]")]
    #[arg(help = "Ssh agent for RUN --mount=type=ssh [default socket: $SSH_AUTH_SOCK]")]
    pub ssh: Vec<String>,

    /// Label of the image
    #[arg(long, value_name = "NAME=VALUE")]
    pub label: Vec<String>,

    /// What the image is for [default: this machine]
    #[arg(long, value_name = "OS/ARCHITECTURE")]
    pub platform: Option<String>,

    /// Network of commands that name none
    #[arg(long, value_enum, value_name = "NETWORK", hide_possible_values = true)]
    #[arg(help = "Network of commands that name none: default, none or host")]
    pub network: Option<RunNetwork>,

    /// What commands run under.
    #[command(flatten)]
    pub conditions: Conditions,

    /// Stages to do again
    #[arg(long, value_name = "STAGE,...", value_delimiter = ',')]
    pub no_cache_filter: Vec<String>,

    /// Write the result as well
    #[arg(short, long, value_name = "type=TYPE,dest=PATH")]
    #[arg(
        help = "Write the result as well: type=oci, docker, tar or local, and dest=PATH; a PATH alone is a folder"
    )]
    pub output: Vec<String>,

    /// How layers are compressed
    #[arg(long, value_enum, value_name = "KIND", hide_possible_values = true)]
    #[arg(help = "How layers are compressed: zstd, gzip or none [default: zstd]")]
    pub compression: Option<Compression>,

    /// Make one layer of all that are put on the base
    #[arg(long)]
    pub squash: bool,

    /// Push the image to the registry of each of its names
    #[arg(long)]
    pub push: bool,

    /// Write the image's id (the digest of its configuration) to FILE
    #[arg(long, value_name = "FILE")]
    pub iidfile: Option<PathBuf>,

    /// Write what was built to FILE, as JSON
    #[arg(long, value_name = "FILE")]
    pub metadata_file: Option<PathBuf>,

    /// Look for mistakes in the Dockerfile, and build nothing
    #[arg(long)]
    pub check: bool,

    /// A question to answer.
    #[arg(long, value_name = "QUESTION", conflicts_with = "check")]
    #[arg(
        help = "Answer, and build nothing: check, targets (what can be built) or outline (what a build can be told)"
    )]
    pub call: Option<String>,

    /// Who builds.
    #[arg(long, value_enum, value_name = "ENGINE", hide_possible_values = true)]
    #[arg(help = "Let docker, podman or buildah build, with the same flags [default: boatyard]")]
    pub engine: Option<Engine>,

    /// Make debian:bookworm and the like from Debian's packages instead of pulling them
    #[arg(long)]
    pub debian_base: bool,

    /// What docker's users say and we do anyway.
    #[command(flatten)]
    pub habits: Habits,

    /// What docker's users say and we cannot do.
    #[command(flatten)]
    pub daemons: Daemons,
}

/// Flags of docker's that change nothing here, so that scripts need not: an image is always loaded into the store,
/// nothing is left of a step, and a context is not sent anywhere.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    /// Load the image into the store
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub load: Option<bool>,
    /// Remove containers of steps that went well
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub rm: Option<bool>,
    /// Remove containers of steps that failed, too
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub force_rm: Option<bool>,
    /// Compress the context on its way to the daemon
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub compress: Option<bool>,
}

impl Dockerfile {
    /// The flags that were said, without their dashes.
    pub fn said(&self) -> Vec<&'static str> {
        let flags = [
            ("file", self.file.is_some()),
            ("tag", !self.tag.is_empty()),
            ("target", self.target.is_some()),
            ("build-arg", !self.build_arg.is_empty()),
            ("build-context", !self.build_context.is_empty()),
            ("secret", !self.secret.is_empty()),
            ("ssh", !self.ssh.is_empty()),
            ("label", !self.label.is_empty()),
            ("platform", self.platform.is_some()),
            ("network", self.network.is_some()),
            ("no-cache-filter", !self.no_cache_filter.is_empty()),
            ("output", !self.output.is_empty()),
            ("compression", self.compression.is_some()),
            ("squash", self.squash),
            ("push", self.push),
            ("iidfile", self.iidfile.is_some()),
            ("metadata-file", self.metadata_file.is_some()),
            ("check", self.check),
            ("call", self.call.is_some()),
            ("engine", self.engine.is_some()),
            ("debian-base", self.debian_base),
        ];
        let said = flags.into_iter().filter(|(_, said)| *said);
        let further = [self.conditions.said(), self.daemons.said()].concat();
        said.map(|(flag, _)| flag)
            .chain(further.into_iter().map(|(flag, _)| flag))
            .collect()
    }
}

/// Who builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// We do.
    Boatyard,
    /// Docker.
    Docker,
    /// Podman.
    Podman,
    /// Buildah.
    Buildah,
}

/// A network of commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RunNetwork {
    /// This machine's, with its proxies and authorities.
    Default,
    /// Loopback only.
    None,
    /// This machine's.
    Host,
}

/// How layers are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Compression {
    /// Small and quick.
    Zstd,
    /// For registries and runtimes that know nothing newer.
    Gzip,
    /// Not at all.
    #[value(alias = "uncompressed")]
    None,
}
