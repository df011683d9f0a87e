//! From words to an image.

use std::collections::BTreeMap;
use std::path::Path;

use boatyard_engine::attest::Extras;
use boatyard_engine::build::{Bench, Given};
use boatyard_engine::dockerfile::{self as engine, Form, Named, NoCache, Pull, Request};
use boatyard_plan::dockerfile::{RunNetwork, parse, platform};
use boatyard_plan::image::Platform;
use boatyard_plan::lock::Policy;
use boatyard_plan::reference::Reference;
use boatyard_plan::variant::{self, Variant};
use boatyard_store::host_platform;
use boatyard_store::layer::Compression;

use super::context::{self, Context};
use super::error::DockerfileWordsError as Error;
use super::made::{Made, listing};
use super::output::{self, Output};
use super::{call, check, handover, ignore, place, provenance, refused, words};
use crate::answer;
use crate::args::build::{self as args, Build};
use crate::args::dockerfile::{self as flags, Dockerfile};
use crate::progress::{Origins, Reporter, Roster, Sink};
use crate::project;
use crate::stopped::Stopped;
use crate::verb::build::{confinement, told, with_shell};
use crate::verb::caches::Caches;
use crate::verb::lock::Locked;
use crate::verb::note::{self, Noted};
use crate::verb::push::{self, Parcel};
use crate::verb::{release, revision, room};
use crate::voice::Voice;
use crate::yard::Yard;

/// Whether the words ask for a build of a Dockerfile: a flag of such builds alone is there, or a context.
pub fn is_asked(words: &Build) -> bool {
    // What the base of a project can be built with, too.
    let alone = Dockerfile {
        build_arg: Vec::new(),
        secret: Vec::new(),
        ssh: Vec::new(),
        label: Vec::new(),
        push: false,
        iidfile: None,
        metadata_file: None,
        engine: None,
        ..words.dockerfile.clone()
    };
    alone != Dockerfile::default() || words.what.iter().any(|word| is_context(word))
}

/// What the words say about the Dockerfile that a project starts from.
pub fn given(words: &Dockerfile) -> Result<Given, Stopped> {
    let here = project::here()?;
    let variable = |name: &str| std::env::var(name).ok();
    Ok(Given {
        arguments: words::arguments(&words.build_arg, &variable),
        secrets: words::secrets(&words.secret, &here, &variable)?,
        agents: words::agents(&words.ssh, &here, &variable)?,
    })
}

/// Whether a word is the context of a Dockerfile.
pub fn is_context(word: &str) -> bool {
    match context::kind(word) {
        Some(context::Kind::Folder) => !release::is_release(word),
        found => found.is_some(),
    }
}

/// Builds a Dockerfile.
pub fn run(words: &Build, voice: &Voice) -> Result<(), Stopped> {
    if let Some(engine) = handover::engine(words) {
        return handover::run(engine, words, voice);
    }
    let here = project::here()?;
    let flags = &words.dockerfile;
    outputs(flags, &here)?;
    refused::check(&flags.daemons.said())?;
    let call = call::asked(flags)?;
    if flags.push && flags.tag.is_empty() {
        return Err(Error::NoName.into());
    }
    let word = match &words.what[..] {
        [] => return Err(Error::NoContext.into()),
        [word] => word,
        [first, second, ..] => {
            let (first, second) = (first.clone(), second.clone());
            return Err(Error::TwoContexts { first, second }.into());
        }
    };
    let voice = &with_shell(voice, &words.manner);
    let yard = Yard::open()?;
    let context = Context::open(&yard.store, word, flags.file.as_deref(), &here)?;
    let lock_folder = context.file.as_deref().and_then(Path::parent);
    let lock_folder = lock_folder.unwrap_or(&context.folder);
    let locked = Locked::read(lock_folder, context.is_kept(), &words.supply)?;
    let mut request = request(words, &context, &here)?;
    if let Some(call) = call {
        return call::answer(call, &context, &request, voice);
    }
    provenance::add(&mut request, words, &context, &locked)?;
    let images = execute(words, voice, &yard, &context, &request, |_| Ok(()))?;
    locked.keep(images.iter().flat_map(|made| &made.built.bases))?;
    Ok(())
}

fn outputs(flags: &Dockerfile, here: &Path) -> Result<Vec<Output>, Error> {
    let outputs = flags.output.iter().map(|word| output::parse(word, here));
    outputs.filter_map(Result::transpose).collect()
}

/// Builds what `request` says, after what has to be built `before`, and tells and writes what the words ask for.
pub fn execute(
    words: &Build,
    voice: &Voice,
    yard: &Yard,
    context: &Context,
    request: &Request,
    before: impl FnOnce(&Sink) -> Result<(), Stopped>,
) -> Result<Vec<Made>, Stopped> {
    let here = project::here()?;
    let flags = &words.dockerfile;
    let outputs = outputs(flags, &here)?;
    let caches = Caches::parse(&words.caching, &here)?;
    let reporter = Reporter::start(voice, Roster::default(), Origins::new());
    let sink = reporter.sink();
    yard.say_notices(&sink);
    caches.open(&yard.store, words.manner.no_cache, &sink);
    let confinement = confinement(&words.manner.confining);
    let bench = Bench {
        host: &yard.host,
        sandbox: &yard.sandbox,
        store: &yard.store,
        sink: &sink,
        confined: confinement.as_ref(),
    };
    let variants = words.forms.variants();
    let several = variants.len() > 1;
    if several && !outputs.is_empty() {
        return Err(Error::OneForm { flag: "output" }.into());
    }
    note::check(flags, variants.len())?;
    let built = before(&sink)
        .and_then(|()| check::warn(context, request, &sink))
        .and_then(|()| made(&bench, request, words, context, voice.verbose));
    let done = built.and_then(|images| {
        for output in &outputs {
            output.write(&yard.store, &images[0].built, &name(request))?;
        }
        if flags.push {
            let parcels: Vec<Parcel> = images.iter().flat_map(Made::parcels).collect();
            push::all(&yard.store, &parcels, push::at_once(&words.manner), &sink)?;
        }
        let manifests: Vec<_> = images
            .iter()
            .map(|made| made.built.manifest.clone())
            .collect();
        caches.keep(&yard.store, &manifests, &sink);
        room::make(&yard.store, &manifests, &sink);
        Ok(images)
    });
    drop(sink);
    reporter.finish();
    let images = done?;
    let notes: Vec<Noted> = images.iter().map(Made::noted).collect();
    note::write(flags, &notes, !several)?;
    if !voice.json && !outputs.iter().any(Output::is_standard) {
        answer::text(&listing(&images, voice))?;
    }
    Ok(images)
}

/// Builds the image, or the forms of it that are wanted.
fn made(
    bench: &Bench<'_>,
    request: &Request,
    words: &Build,
    context: &Context,
    verbose: bool,
) -> Result<Vec<Made>, Stopped> {
    let failed = |error| place::failure(context, error);
    let variants = words.forms.variants();
    if variants.is_empty() {
        let built = engine::build(*bench, request).map_err(failed)?;
        let (tags, key) = (request.tags.clone(), String::new());
        return Ok(vec![Made { built, tags, key }]);
    }
    let (revision, notice) = revision::of(&context.folder)?;
    revision::tell(notice.as_ref(), bench.sink);
    let form = |variant: &Variant| {
        let tags = request.tags.iter();
        Form {
            variant: *variant,
            tags: tags
                .flat_map(|tag| variant::names(tag, *variant, Some(&revision.tag)))
                .collect(),
            labels: revision.labels(),
        }
    };
    let forms: Vec<Form> = variants.iter().map(form).collect();
    let formed = engine::build_forms(*bench, request, &forms, &words.forms.wishes());
    let made = formed.map_err(failed)?.into_iter().map(|formed| {
        let key = formed.variant.name().to_owned();
        for event in told(&key, &formed.changes, &formed.remarks, verbose) {
            (bench.sink)(event);
        }
        Made {
            built: formed.built,
            tags: formed.tags,
            key,
        }
    });
    Ok(made.collect())
}

/// What the words ask for.
pub fn request(words: &Build, context: &Context, here: &Path) -> Result<Request, Stopped> {
    let flags = &words.dockerfile;
    let manner = &words.manner;
    let dockerfile = parse(&context.text).map_err(|mistakes| place::mistakes(context, mistakes))?;
    let variable = |name: &str| std::env::var(name).ok();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let one = manner.serial || manner.debug_shell;
    Ok(Request {
        dockerfile,
        ignore: ignore::read(context.file.as_deref(), &context.folder, context.foreign())?,
        context: context.folder.clone(),
        named: with_ignores(words::contexts(&flags.build_context, here)?)?,
        target: flags.target.clone(),
        arguments: words::arguments(&flags.build_arg, &variable),
        labels: words::labels(&flags.label),
        tags: flags.tag.clone(),
        platform: wanted_platform(flags.platform.as_deref())?,
        secrets: words::secrets(&flags.secret, here, &variable)?,
        agents: words::agents(&flags.ssh, here, &variable)?,
        network: match flags.network {
            None | Some(flags::RunNetwork::Default) => RunNetwork::Default,
            Some(flags::RunNetwork::None) => RunNetwork::None,
            Some(flags::RunNetwork::Host) => RunNetwork::Host,
        },
        conditions: words::conditions(&flags.conditions)?,
        pull: match manner.pull {
            args::Pull::Always => Pull::Always,
            args::Pull::Missing => Pull::Missing,
            args::Pull::Never => Pull::Never,
        },
        no_cache: if manner.no_cache {
            NoCache::All
        } else if flags.no_cache_filter.is_empty() {
            NoCache::Nothing
        } else {
            NoCache::Stages(flags.no_cache_filter.clone())
        },
        jobs: if one { 1 } else { manner.jobs.unwrap_or(cores) },
        compression: match flags.compression {
            None | Some(flags::Compression::Zstd) => Compression::Zstd,
            Some(flags::Compression::Gzip) => Compression::Gzip,
            Some(flags::Compression::None) => Compression::None,
        },
        squash: flags.squash,
        debug_shell: manner.debug_shell,
        debian_base: flags.debian_base,
        ignore_expiry: manner.ignore_valid_until
            || std::env::var_os("BOATYARD_IGNORE_VALID_UNTIL").is_some(),
        lock: Policy::default(),
        extras: Extras::default(),
    })
}

/// Folders with what their own `.dockerignore` leaves out.
fn with_ignores(mut named: BTreeMap<String, Named>) -> Result<BTreeMap<String, Named>, Stopped> {
    for context in named.values_mut() {
        if let Named::Folder {
            path,
            ignore: found,
        } = context
        {
            *found = ignore::read(None, path, None)?;
        }
    }
    Ok(named)
}

/// The platform to build for: this machine's, or one whose programs the kernel hands to somebody.
fn wanted_platform(asked: Option<&str>) -> Result<Platform, Error> {
    let own = host_platform();
    let Some(asked) = asked else {
        return Ok(own);
    };
    let wanted = platform::parse(asked, &own).ok_or_else(|| Error::Flag {
        flag: "platform",
        value: asked.to_owned(),
        problem: "not a platform",
        form: "os/architecture[/variant], e.g. linux/amd64",
    })?;
    let is_own = (&wanted.os, &wanted.architecture) == (&own.os, &own.architecture);
    if is_own || (wanted.os == "linux" && is_emulated(&wanted.architecture)) {
        return Ok(wanted);
    }
    Err(Error::Platform {
        asked: platform::format(&wanted),
        own: platform::format(&own),
    })
}

/// Whether the kernel hands programs of an architecture to an emulator (`binfmt_misc`).
fn is_emulated(architecture: &str) -> bool {
    let name = match architecture {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        "386" => "i386",
        other => other,
    };
    std::fs::read_to_string(format!("/proc/sys/fs/binfmt_misc/qemu-{name}"))
        .is_ok_and(|text| text.starts_with("enabled"))
}

/// What the image is called in archives.
fn name(request: &Request) -> Reference {
    request.tags.first().cloned().unwrap_or_else(|| {
        "image:latest"
            .parse()
            .expect("a fixed name that is a reference")
    })
}
