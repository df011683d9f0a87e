//! `boatyard render`: one subcommand for each target.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// What to render.
#[derive(Debug, Subcommand)]
pub enum Target {
    /// Kubernetes manifests that the restricted profile admits
    #[command(after_help = "\
Examples:
  boatyard render k8s | kubectl apply -f -
  boatyard render k8s -o deploy/             one file for each object")]
    K8s(Box<K8s>),

    /// A Compose file that behaves as boatyard up does
    #[command(after_help = "\
Examples:
  boatyard render compose > compose.yaml
  boatyard render compose --tag docker-latest -o deploy/")]
    Compose(Composed),

    /// Units for Podman's Quadlet: systemd runs the project
    #[command(after_help = "\
Examples:
  boatyard render quadlet                    all units, each with its name above it
  boatyard render quadlet -o ~/.config/containers/systemd/")]
    Quadlet(Composed),

    /// A Dockerfile that other engines build, of the project or of another one
    #[command(after_help = "\
Examples:
  boatyard render dockerfile -o build/       docker build -f build/Dockerfile --build-context boatyard-init=build .
  boatyard render dockerfile -f Dockerfile   its form for Kubernetes")]
    Dockerfile(Dockerfile),
}

/// Where what was rendered goes.
#[derive(Args, Debug)]
pub struct Output {
    /// Write files into DIR instead of to standard output
    #[arg(short = 'o', long = "output", value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// The words of `render k8s`.
#[derive(Args, Debug)]
pub struct K8s {
    /// Where it goes.
    #[command(flatten)]
    pub output: Output,

    /// The tag of the project's images [default: k8s-REVISION, as build --variant k8s makes it]
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,

    /// The namespace of all objects [default: that of whoever applies them]
    #[arg(short, long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,
}

/// The words of `render compose` and `render quadlet`.
#[derive(Args, Debug)]
pub struct Composed {
    /// Where it goes.
    #[command(flatten)]
    pub output: Output,

    /// The tag of the project's images [default: docker-REVISION, as build --variant docker makes it]
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,
}

/// The words of `render dockerfile`.
#[derive(Args, Debug)]
pub struct Dockerfile {
    /// Where it goes.
    #[command(flatten)]
    pub output: Output,

    /// Services that get a stage [default: all]
    #[arg(value_name = "SERVICE", conflicts_with = "file")]
    pub services: Vec<String>,

    /// Render the form of this Dockerfile instead of the project's
    #[arg(short, long, value_name = "FILE")]
    pub file: Option<PathBuf>,

    /// Which form: docker, as its author wrote it, or k8s [default: k8s]
    #[arg(long, value_enum, value_name = "VARIANT", hide_possible_values = true)]
    #[arg(default_value = "k8s", hide_default_value = true)]
    pub variant: Form,
}

/// A form of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// As its author wrote it.
    Docker,
    /// For Kubernetes.
    K8s,
}
