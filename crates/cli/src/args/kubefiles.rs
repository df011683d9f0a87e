//! Words about kubefiles.

use std::path::PathBuf;

use boatyard_cluster::kubefiles::Mode;
use clap::Args;

use super::image::pair;
use super::render::Output;

/// The words of `render kubefiles`.
#[derive(Args, Debug)]
pub struct Kubefiles {
    /// Where it goes.
    #[command(flatten)]
    pub output: Output,

    /// The folder with kustomization.yaml or kustomization.yaml.jinja
    #[arg(value_name = "DIR")]
    pub from: PathBuf,

    /// deployment, initialize, start, stop or cleanup
    #[arg(long, value_name = "MODE", value_parser = mode, default_value = "deployment", hide_default_value = true)]
    pub mode: Mode,

    /// The namespace of builds
    #[arg(short, long, value_name = "NAMESPACE", default_value = "default")]
    pub namespace: String,

    /// The build's name
    #[arg(long, value_name = "NAME", default_value = "build")]
    pub name: String,

    /// The first part of its host name [default: its name]
    #[arg(long, value_name = "SLUG")]
    pub slug: Option<String>,

    /// The rest of its host name
    #[arg(long, value_name = "DOMAIN", default_value = "preview.localhost")]
    pub domain: String,

    /// The image of the build
    #[arg(long, value_name = "IMAGE", default_value = "image:latest")]
    pub image: String,

    /// The repository
    #[arg(long, value_name = "OWNER/NAME", default_value = "owner/name")]
    pub repository: String,

    /// The branch, or the one that the pull request is to go into
    #[arg(long, value_name = "BRANCH", default_value = "main")]
    pub branch: String,

    /// The pull request
    #[arg(long, value_name = "NUMBER")]
    pub pull: Option<u64>,

    /// The commit
    #[arg(long, value_name = "COMMIT", default_value = "HEAD")]
    pub commit: String,

    /// A variable of the build's processes (`build_env`)
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub env: Vec<(String, String)>,

    /// A variable of templates (`build_template_vars`)
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = pair)]
    pub variables: Vec<(String, String)>,
}

fn mode(text: &str) -> Result<Mode, String> {
    let found = Mode::ALL.into_iter().find(|mode| mode.name() == text);
    found.ok_or_else(|| format!("expected {}", Mode::ALL.map(Mode::name).join(", ")))
}
