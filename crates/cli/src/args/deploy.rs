//! `boatyard deploy`

use std::path::PathBuf;
use std::time::Duration;

use boatyard_plan::project::Hosting;
use boatyard_plan::reference::Reference;
use clap::Args;

use super::builder::Builders;
use super::confined::Confining;
use super::render::hosting;
use super::run::duration;

/// The words of `deploy`.
#[derive(Args, Debug)]
#[command(mut_arg("confined", |confined| confined.requires("push")))]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Deploy {
    /// Deploy these manifests, files or folders of .yaml and .yml files [default: what render k8s makes]
    #[arg(short = 'f', long = "file", value_name = "PATH")]
    pub files: Vec<PathBuf>,

    /// The tag of the project's images [default: k8s-REVISION, as build --variant k8s makes it]
    #[arg(long, value_name = "TAG", conflicts_with = "files")]
    pub tag: Option<String>,

    /// Build the k8s form of the project's images and push them first; what is applied names them by their digests
    #[arg(long, conflicts_with_all = ["files", "tag", "digests", "dry_run"])]
    pub push: bool,

    /// Build as --push does, write what was built to FILE, and end: nothing is pushed or deployed
    #[arg(long, value_name = "FILE", conflicts_with_all = ["files", "tag", "push", "push_from", "digests", "dry_run", "watch"])]
    pub build_to: Option<PathBuf>,

    /// Push what --build-to has written to FILE, and deploy that
    #[arg(long, value_name = "FILE", conflicts_with_all = ["files", "tag", "push", "digests", "dry_run", "watch"])]
    pub push_from: Option<PathBuf>,

    /// The image of a service or backing service that somebody else has made: it is looked for in its registry, and named by its
    /// digest; may be said several times
    #[arg(long = "image", value_name = "SERVICE=IMAGE", value_parser = image)]
    #[arg(conflicts_with_all = ["files", "push", "build_to", "push_from", "builder", "watch"])]
    pub images: Vec<(String, Reference)>,

    /// Call the project's images so, in place of its own prefix: the registry and the folder that they are pushed to
    #[arg(long, value_name = "PREFIX", value_parser = prefix, conflicts_with = "files")]
    pub prefix: Option<String>,

    /// As in a preview environment: what [preview] says, one of each role, nothing that is scheduled, no secrets; who may reach
    /// it is up to the namespace
    #[arg(long, conflicts_with = "files")]
    pub preview: bool,

    /// Have volumes begin with that saved data (data save), in place of what they have
    #[arg(long, value_name = "NAME", value_parser = super::data::name, requires = "preview", conflicts_with = "dry_run")]
    pub begin_with: Option<String>,

    /// Leave that job out: its work is done, for example in data that volumes begin with
    #[arg(long, value_name = "JOB", requires = "preview")]
    pub skip: Vec<String>,

    /// Name images by their digests, from a file that build --metadata-file wrote
    #[arg(long, value_name = "FILE", conflicts_with = "files")]
    pub digests: Option<PathBuf>,

    /// Who runs backing services: elsewhere, kept (here, on volumes) or scratch (here, gone with their pods) [default: as the project says]
    #[arg(long, value_name = "WHO", value_parser = hosting, conflicts_with = "files")]
    pub backing: Option<Hosting>,

    /// The context of the cluster's configuration (KUBECONFIG) [default: its current one]
    #[arg(long, value_name = "CONTEXT")]
    pub context: Option<String>,

    /// The namespace [default: the project's, else the context's]
    #[arg(short, long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,

    /// Show what would change on the cluster, and change nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Deploy again each time the sources change, until Ctrl-C
    #[arg(long, conflicts_with = "dry_run")]
    pub watch: bool,

    /// How long jobs and roles may take, e.g. 90s or 10m
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "10m")]
    pub timeout: Duration,

    /// How long to wait for somebody else's deploy of the project
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "10m")]
    pub lock_timeout: Duration,

    /// Take over what somebody else has: fields that they set, objects of other projects
    #[arg(long)]
    pub force: bool,

    /// How --push builds.
    #[command(flatten)]
    pub confining: Confining,

    /// Where --push builds.
    #[command(flatten)]
    pub builders: Builders,
}

/// `SERVICE=IMAGE`
fn image(text: &str) -> Result<(String, Reference), String> {
    let (service, name) = text
        .split_once('=')
        .ok_or("expected SERVICE=IMAGE, such as app=registry.example.com/shop/app:1.2")?;
    let name: Reference = name.parse().map_err(|error| format!("{error}"))?;
    Ok((service.to_owned(), name))
}

/// What names of images can begin with.
fn prefix(text: &str) -> Result<String, String> {
    let name = format!("{text}/image");
    match name.parse::<Reference>() {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(
            "expected a registry and a folder, such as registry.example.com/previews".to_owned(),
        ),
    }
}
