//! Builds an S2I repository.

use std::path::{Path, PathBuf};

use boatyard_engine::build::Given;
use boatyard_engine::dockerfile::{Named, Pull, SecretSource};
use boatyard_plan::project::Package;
use boatyard_plan::s2i::{self, BUILDER, Options, PIP_CONF_SECRET, RUNTIME};

use super::error::S2iWordsError as Error;
use super::source;
use crate::args::build::Build;
use crate::args::release::Releasing;
use crate::progress::Origins;
use crate::project::{self, FILE};
use crate::stopped::Stopped;
use crate::verb::build::{Job, Own, images, with_shell};
use crate::verb::dockerfile::{self, Context, Kind, Made};
use crate::verb::lock::Locked;
use crate::verb::release;
use crate::voice::Voice;
use crate::yard::Yard;

/// Flags of Dockerfile builds that mean the same here.
const ALSO: [&str; 13] = [
    "tag",
    "label",
    "push",
    "output",
    "compression",
    "squash",
    "iidfile",
    "metadata-file",
    "network",
    "engine",
    "add-host",
    "shm-size",
    "ulimit",
];

/// Flags of releases that mean nothing here.
const NOT: [&str; 4] = ["entrypoint", "constraint", "find-links", "config"];

/// Whether the words ask for it: by `--s2i`, or by a folder that has `.s2i` and nothing else that says how it is built.
pub fn is_asked(words: &Build, here: &Path) -> bool {
    if words.releasing.s2i {
        return true;
    }
    let is_repository =
        |folder: &Path| folder.join(".s2i").is_dir() && !folder.join("Dockerfile").exists();
    let said = words.dockerfile.said();
    match &words.what[..] {
        _ if said.iter().any(|flag| !ALSO.contains(flag)) => false,
        [word] => dockerfile::kind(word) == Some(Kind::Folder) && is_repository(&here.join(word)),
        [] => is_repository(here) && !here.ancestors().any(|folder| folder.join(FILE).is_file()),
        _ => false,
    }
}

/// Builds the repository.
pub fn run(words: &Build, voice: &Voice) -> Result<(), Stopped> {
    let here = project::here()?;
    let word = checked(words)?;
    let voice = &with_shell(voice, &words.manner);
    let yard = Yard::open()?;
    let mut context = dockerfile::bare(&yard.store, word, &here)?;
    let flags = &words.releasing;
    let source = source::look(&context.folder, &flags.env)?;
    let pip_conf = flags.pip_conf.as_ref().map(|path| here.join(path));
    if let Some(path) = &pip_conf {
        release::pip(path)?;
    }
    let options = options(flags);
    let base = s2i::base(&options)?;
    context.text = s2i::recipe(&source, &options, &base);
    "the Dockerfile of the S2I repository".clone_into(&mut context.shown);
    let mut request = dockerfile::request(words, &context, &here)?;
    request.ignore = source::ignore(&context.folder)?;
    if request.tags.is_empty() {
        request.tags.push(name(word, flags, &context)?);
    }
    for image in &base.images {
        let name = image.references[0].to_string();
        request
            .named
            .insert(image.service.clone(), Named::Image(name));
    }
    debug_assert!(
        [RUNTIME, BUILDER]
            .iter()
            .all(|name| request.named.contains_key(*name))
    );
    if let Some(path) = pip_conf {
        request
            .secrets
            .insert(PIP_CONF_SECRET.to_owned(), SecretSource::File(path));
    }
    let locked = Locked::read(&context.folder, context.is_kept(), &words.supply)?;
    dockerfile::describe(&mut request, words, &context, &locked)?;
    // Runtime and builder are here, and in no registry.
    request.pull = Pull::Missing;
    let job = Job {
        folder: here.clone(),
        plan: base,
        origins: Origins::new(),
        given: Given::default(),
        index: None,
        own: Own::default(),
        is_project: false,
        copy: None,
        kept_out: Vec::new(),
    };
    let before =
        |sink: &crate::progress::Sink| images(&yard, &job, &words.manner, sink.clone()).map(drop);
    let built = dockerfile::execute(words, voice, &yard, &context, &request, before)?;
    note(words, &yard, word, &built)
}

/// The folder or address that is named; what cannot be meant is refused.
fn checked(words: &Build) -> Result<&str, Error> {
    if let Some(flag) = words
        .dockerfile
        .said()
        .into_iter()
        .find(|flag| !ALSO.contains(flag))
    {
        return Err(Error::Flag { flag });
    }
    if let Some(flag) = words
        .releasing
        .said()
        .into_iter()
        .find(|flag| NOT.contains(flag))
    {
        return Err(Error::Flag { flag });
    }
    let supply = &words.supply;
    let locks = [
        ("lock", supply.lock),
        ("locked", supply.locked),
        ("update-lock", supply.update_lock),
    ];
    if let Some((flag, _)) = locks.into_iter().find(|(_, said)| *said) {
        return Err(Error::Flag { flag });
    }
    match &words.what[..] {
        [] => Ok("."),
        [word] if word == "-" => Err(Error::StandardInput),
        [word] => Ok(word),
        [first, second, ..] => Err(Error::Two {
            first: first.clone(),
            second: second.clone(),
        }),
    }
}

fn options(flags: &Releasing) -> Options {
    let package = |name: &String| Package {
        run: Some(name.clone()),
        build: None,
    };
    let build_package = |name: &String| Package {
        run: None,
        build: Some(name.clone()),
    };
    Options {
        python: flags.python.clone(),
        base: flags.base.clone(),
        packages: flags
            .package
            .iter()
            .map(package)
            .chain(flags.build_package.iter().map(build_package))
            .collect(),
        ports: flags.port.clone(),
        volumes: flags.volume.clone(),
        pip_conf: flags.pip_conf.is_some(),
    }
}

/// What the image is called if nobody says: as its folder, or as its Git repository.
fn name(
    word: &str,
    flags: &Releasing,
    context: &Context,
) -> Result<boatyard_plan::reference::Reference, Stopped> {
    let address = word
        .split('#')
        .next()
        .unwrap_or(word)
        .trim_end_matches(".git");
    let own = match dockerfile::kind(word) {
        Some(Kind::Git) => PathBuf::from(address),
        _ => context.folder.clone(),
    };
    let name = flags
        .image_base_name
        .clone()
        .unwrap_or_else(|| own.display().to_string());
    Ok(s2i::reference(flags.image_prefix.as_deref(), &name)?)
}

/// Writes the result file: of several forms, about the first.
fn note(words: &Build, yard: &Yard, said: &str, made: &[Made]) -> Result<(), Stopped> {
    let Some(path) = &words.releasing.result_file else {
        return Ok(());
    };
    let first = made
        .first()
        .and_then(|made| Some((made.tags.first()?, &made.built.manifest)));
    match first {
        Some((name, manifest)) => release::note(&yard.store, path, said, manifest, name),
        None => Ok(()),
    }
}
