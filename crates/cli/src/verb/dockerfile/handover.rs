//! `--engine`: another engine builds the Dockerfile.

use std::path::Path;
use std::process::Command;

use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::handover::{Engine, Order, Pull, argv};
use boatyard_plan::reference::Reference;

use super::error::DockerfileWordsError as Error;
use crate::args::Progress;
use crate::args::build::{self as args, Build};
use crate::args::dockerfile as flags;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// The engine cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Its program cannot be started.
    #[error("cannot run {program}")]
    Run {
        /// Its name.
        program: String,
        /// Why not.
        source: std::io::Error,
    },
    /// What is to be built is no Dockerfile.
    #[error("--engine is for Dockerfiles: {program} cannot build {what}")]
    NotADockerfile {
        /// Its name.
        program: &'static str,
        /// What was asked for.
        what: &'static str,
    },
}

impl Failure for EngineError {
    fn fault(&self) -> Fault {
        match self {
            Self::Run { .. } => Fault::Refused,
            Self::NotADockerfile { .. } => Fault::User,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Run { program, .. } => format!("install {program}, or build without --engine"),
            Self::NotADockerfile { .. } => {
                "build it without --engine, and push or save the image".to_owned()
            }
        })
    }
}

/// Flags of a daemon that podman and buildah lack.
const DOCKER: [&str; 2] = ["allow", "builder"];

/// Which engine was asked for; none: ours.
pub fn engine(words: &Build) -> Option<Engine> {
    match words.dockerfile.engine? {
        flags::Engine::Boatyard => None,
        flags::Engine::Docker => Some(Engine::Docker),
        flags::Engine::Podman => Some(Engine::Podman),
        flags::Engine::Buildah => Some(Engine::Buildah),
    }
}

/// Refuses what only we can build.
pub fn refuse(words: &Build, what: &'static str) -> Result<(), Stopped> {
    match engine(words) {
        Some(engine) => Err(EngineError::NotADockerfile {
            program: engine.program(),
            what,
        }
        .into()),
        None => Ok(()),
    }
}

/// Lets `engine` build, in our terminal.
pub fn run(engine: Engine, words: &Build, voice: &Voice) -> Result<(), Stopped> {
    let argv = argv(engine, &order(words, voice)?)?;
    let mut command = Command::new(&argv[0]);
    let status = command
        .args(&argv[1..])
        .status()
        .map_err(|source| EngineError::Run {
            program: argv[0].clone(),
            source,
        })?;
    if status.success() {
        Ok(())
    } else {
        // It has said why.
        Err(Stopped::Ended(Fault::Work.exit_code()))
    }
}

fn order(words: &Build, voice: &Voice) -> Result<Order, Error> {
    let flags = &words.dockerfile;
    let manner = &words.manner;
    let context = match &words.what[..] {
        [] => return Err(Error::NoContext),
        [word] => word.clone(),
        [first, second, ..] => {
            let (first, second) = (first.clone(), second.clone());
            return Err(Error::TwoContexts { first, second });
        }
    };
    let path = |path: &Option<std::path::PathBuf>| {
        path.as_deref()
            .map(Path::display)
            .map(|path| path.to_string())
    };
    let ours = [
        ("compression", flags.compression.is_some()),
        ("lock", words.supply.lock),
        ("locked", words.supply.locked),
        ("update-lock", words.supply.update_lock),
        ("variant", !words.forms.variants().is_empty()),
        ("debian-base", flags.debian_base),
        ("debug-shell", manner.debug_shell),
        ("ignore-valid-until", manner.ignore_valid_until),
        ("json", voice.json),
    ];
    let supply = &words.supply;
    let said = |flag, values: &[String]| {
        values
            .iter()
            .map(|value| (flag, value.clone()))
            .collect::<Vec<_>>()
    };
    let statements = [
        said("provenance", supply.provenance.as_slice()),
        said("sbom", supply.sbom.as_slice()),
        said("attest", &supply.attest),
        said("annotation", &supply.annotation),
        said("call", flags.call.as_slice()),
    ];
    let daemons = flags.daemons.said();
    let (docker, everybody): (Vec<_>, Vec<_>) = daemons
        .into_iter()
        .partition(|(flag, _)| DOCKER.contains(flag));
    Ok(Order {
        docker: [statements.concat(), docker].concat(),
        conditions: [flags.conditions.said(), everybody].concat(),
        context,
        file: path(&flags.file),
        tags: flags.tag.iter().map(Reference::to_string).collect(),
        target: flags.target.clone(),
        build_args: flags.build_arg.clone(),
        build_contexts: flags.build_context.clone(),
        secrets: flags.secret.clone(),
        ssh: flags.ssh.clone(),
        labels: flags.label.clone(),
        platform: flags.platform.clone(),
        network: match flags.network {
            None | Some(flags::RunNetwork::Default) => None,
            Some(flags::RunNetwork::None) => Some("none"),
            Some(flags::RunNetwork::Host) => Some("host"),
        },
        outputs: flags.output.clone(),
        iidfile: path(&flags.iidfile),
        metadata_file: path(&flags.metadata_file),
        cache_from: words.caching.cache_from.clone(),
        cache_to: words.caching.cache_to.clone(),
        no_cache: manner.no_cache,
        no_cache_filter: flags.no_cache_filter.clone(),
        pull: match manner.pull {
            args::Pull::Always => Pull::Always,
            args::Pull::Missing => Pull::Missing,
            args::Pull::Never => Pull::Never,
        },
        jobs: if manner.serial { Some(1) } else { manner.jobs },
        squash: flags.squash,
        push: flags.push,
        check: flags.check,
        quiet: voice.progress == Progress::Quiet,
        ours: ours
            .into_iter()
            .filter(|(_, said)| *said)
            .map(|(flag, _)| flag)
            .collect(),
    })
}
