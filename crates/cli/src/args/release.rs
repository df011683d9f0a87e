//! Words about images of Python releases, and of S2I repositories.

use std::path::PathBuf;

use boatyard_plan::project::Base;
use boatyard_plan::release;
use clap::Args;

/// What is in the image of a release or of an S2I repository, and what it is called.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "Releases and S2I repositories")]
pub struct Releasing {
    /// Build a folder as S2I does [default: if it has .s2i and no Dockerfile]
    #[arg(long)]
    pub s2i: bool,

    /// Python version, e.g. 3.11
    #[arg(long, value_name = "3.N")]
    pub python: Option<String>,

    /// What the image starts from [default: Debian without documentation]
    #[arg(long, value_name = "BASE", value_parser = base)]
    pub base: Option<Base>,

    /// Debian package that is needed at run time
    #[arg(long, value_name = "NAME")]
    pub package: Vec<String>,

    /// Debian package that compiling needs
    #[arg(long, value_name = "NAME")]
    pub build_package: Vec<String>,

    /// Program that the image runs [default: the one with the release's name, else its only one]
    #[arg(long, value_name = "PROGRAM", alias = "entry-point")]
    pub entrypoint: Option<String>,

    /// File with versions to keep to
    #[arg(long, value_name = "FILE", alias = "pip-constraint")]
    pub constraint: Vec<PathBuf>,

    /// pip's configuration: which indexes to ask. In no image and no log
    #[arg(long, value_name = "FILE")]
    pub pip_conf: Option<PathBuf>,

    /// Folder with wheels, asked besides the index
    #[arg(long, value_name = "DIR")]
    pub find_links: Vec<PathBuf>,

    /// Variable of every process
    #[arg(long, value_name = "NAME=VALUE", value_parser = release::variable)]
    pub env: Vec<(String, String)>,

    /// Port that it listens on
    #[arg(long, value_name = "PORT[/udp]", value_parser = release::port)]
    pub port: Vec<String>,

    /// Folder whose content outlives containers
    #[arg(long, value_name = "PATH", value_parser = release::volume)]
    pub volume: Vec<String>,

    /// What the image's name begins with: a registry, and a path there
    #[arg(long, value_name = "PREFIX")]
    pub image_prefix: Option<String>,

    /// The image's name behind the prefix [default: the release's, with its extras]
    #[arg(long, value_name = "NAME")]
    pub image_base_name: Option<String>,

    /// File with all this [default: boatyard.toml here, if it has [release], else .grocker.yml]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Write name, digest and sizes to FILE: .json, else YAML
    #[arg(long, value_name = "FILE")]
    pub result_file: Option<PathBuf>,
}

impl Releasing {
    /// The flags that were said, without their dashes; `s2i` is not one of them.
    pub fn said(&self) -> Vec<&'static str> {
        let flags = [
            ("python", self.python.is_some()),
            ("base", self.base.is_some()),
            ("package", !self.package.is_empty()),
            ("build-package", !self.build_package.is_empty()),
            ("entrypoint", self.entrypoint.is_some()),
            ("constraint", !self.constraint.is_empty()),
            ("pip-conf", self.pip_conf.is_some()),
            ("find-links", !self.find_links.is_empty()),
            ("env", !self.env.is_empty()),
            ("port", !self.port.is_empty()),
            ("volume", !self.volume.is_empty()),
            ("image-prefix", self.image_prefix.is_some()),
            ("image-base-name", self.image_base_name.is_some()),
            ("config", self.config.is_some()),
            ("result-file", self.result_file.is_some()),
        ];
        let said = flags.into_iter().filter(|(_, said)| *said);
        said.map(|(flag, _)| flag).collect()
    }
}

fn base(text: &str) -> Result<Base, String> {
    let project = format!("[project]\nname = \"x\"\n[image]\nbase = {text:?}\n");
    match boatyard_plan::project::parse(&project) {
        Ok(project) => Ok(project.image.base),
        Err(mistakes) => Err(mistakes
            .into_iter()
            .next()
            .map(|mistake| mistake.message)
            .unwrap_or_default()),
    }
}
