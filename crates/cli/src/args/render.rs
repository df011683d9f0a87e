//! `boatyard render`: one subcommand for each target.

use std::path::PathBuf;

use boatyard_plan::project::Hosting;
use clap::{Args, Subcommand, ValueEnum};

/// What to render.
#[derive(Debug, Subcommand)]
pub enum Target {
    /// Kubernetes manifests that the restricted profile admits
    #[command(after_help = "\
Examples:
  boatyard render k8s --host shop.example.com | kubectl apply -f -
  boatyard render k8s -o deploy/             one file for each object
  boatyard render k8s --kustomize -o deploy/ and kubectl apply -k deploy/
  boatyard render k8s --helm -o chart/       and helm upgrade --install shop chart/")]
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

    /// The manifests that a folder of kubefiles gives, as runboat has them
    #[command(after_help = "\
Examples:
  boatyard render kubefiles kube/ --name b1 --image registry.example.com/shop:1
  boatyard render kubefiles kube/ --mode initialize --var storageClassName=fast")]
    Kubefiles(Box<super::kubefiles::Kubefiles>),
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

    /// Name images by digest: a file that "build --metadata-file" wrote
    #[arg(long, value_name = "FILE")]
    pub digests: Option<PathBuf>,

    /// The namespace of all objects [default: the project's, else that of whoever applies them]
    #[arg(short, long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,

    /// The host name of the role that is reached from outside [default: the project's]
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,

    /// Who runs backing services: elsewhere, kept (here, on volumes) or scratch (here, gone with their pods) [default: as the project says]
    #[arg(long, value_name = "WHO", value_parser = hosting)]
    pub backing: Option<Hosting>,

    /// Route by this Gateway, NAME or NAMESPACE/NAME, in place of an Ingress
    #[arg(long, value_name = "GATEWAY")]
    pub gateway: Option<String>,

    /// What the cluster is: kubernetes or openshift
    #[arg(
        long,
        value_name = "CLUSTER",
        default_value = "kubernetes",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub target: Cluster,

    /// Write a base and a kustomization that names the images
    #[arg(long, requires = "folder", conflicts_with = "helm")]
    pub kustomize: bool,

    /// Write a chart with values for images, replicas, hosts and resources
    #[arg(long, requires = "folder")]
    pub helm: bool,
}

/// Who runs backing services.
pub(super) fn hosting(text: &str) -> Result<Hosting, String> {
    Hosting::named(text).ok_or_else(|| {
        let known = Hosting::ALL.map(Hosting::name);
        format!("expected {}", known.join(", "))
    })
}

/// What a cluster is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Cluster {
    /// Any Kubernetes
    Kubernetes,
    /// `OpenShift`: no fixed users, and routes
    Openshift,
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
