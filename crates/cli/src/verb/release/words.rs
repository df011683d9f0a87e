//! From flags and files to what is wanted of a release's image.

use std::path::{Path, PathBuf};

use boatyard_engine::build::Index;
use boatyard_plan::project::Package;
use boatyard_plan::release::{Options, PipConfiguration, Processes};

use super::error::ReleaseWordsError as Error;
use super::file;
use crate::args::build::Build;
use crate::args::dockerfile::Dockerfile;
use crate::args::release::Releasing;
use crate::stopped::Stopped;
use crate::verb::dockerfile::labels;

/// What is wanted, and where packages come from.
pub fn wanted(words: &Build, here: &Path) -> Result<(Options, Option<Index>), Stopped> {
    let flags = &words.releasing;
    let mut options =
        of_flags(flags, &words.dockerfile).or(file::read(flags.config.as_deref(), here)?);
    let Some(path) = options.pip_conf.clone() else {
        return Ok((options, None));
    };
    let configuration = pip(&here.join(path))?;
    options.find_links.extend(configuration.folders());
    Ok((options, Some(Index::configured(&configuration))))
}

fn of_flags(flags: &Releasing, dockerfile: &Dockerfile) -> Options {
    let package = |name: &String| Package {
        run: Some(name.clone()),
        build: None,
    };
    let build_package = |name: &String| Package {
        run: None,
        build: Some(name.clone()),
    };
    let run = flags.package.iter().map(package);
    let paths = |paths: &[PathBuf]| {
        paths
            .iter()
            .map(|path| path.display().to_string())
            .collect()
    };
    Options {
        python: flags.python.clone(),
        base: flags.base.clone(),
        packages: run
            .chain(flags.build_package.iter().map(build_package))
            .collect(),
        // Their keys are files beside a project file: that is where they are named.
        repositories: Vec::new(),
        entry_point: flags.entrypoint.clone(),
        user: None,
        constraints: paths(&flags.constraint),
        find_links: paths(&flags.find_links),
        pip_conf: flags
            .pip_conf
            .as_ref()
            .map(|path| path.display().to_string()),
        volumes: flags.volume.clone(),
        ports: flags.port.clone(),
        env: flags.env.iter().cloned().collect(),
        prefix: flags.image_prefix.clone(),
        name: flags.image_base_name.clone(),
        tags: dockerfile.tag.clone(),
        labels: labels(&dockerfile.label),
        processes: Processes::default(),
    }
}

/// Reads pip's configuration. Mistakes are told without its text.
pub fn pip(path: &Path) -> Result<PipConfiguration, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Read {
        what: "pip's configuration",
        path: path.to_path_buf(),
        source,
    })?;
    PipConfiguration::parse(&text).map_err(|mistakes| {
        let mistake = mistakes
            .into_iter()
            .next()
            .expect("a file that is refused has a mistake");
        let (line, column) = mistake.position(&text);
        Error::PipConfiguration {
            path: path.to_path_buf(),
            line,
            column,
            message: mistake.message,
            help: mistake.help,
        }
    })
}
