//! From words to an image.

use std::collections::BTreeMap;
use std::path::Path;

use boatyard_engine::build::{Bench, Given};
use boatyard_engine::dockerfile::{self as engine, Built, Named, NoCache, Pull, Request};
use boatyard_plan::dockerfile::{RunNetwork, parse, platform};
use boatyard_plan::image::Platform;
use boatyard_plan::reference::Reference;
use boatyard_store::host_platform;
use boatyard_store::layer::Compression;

use super::context::{self, Context};
use super::error::DockerfileWordsError as Error;
use super::output::{self, Output};
use super::{check, ignore, place, words};
use crate::answer::{self, Table};
use crate::args::Progress;
use crate::args::build::{self as args, Build};
use crate::args::dockerfile::{self as flags, Dockerfile};
use crate::project;
use crate::render::{Origins, Reporter, Roster, amount};
use crate::stopped::Stopped;
use crate::verb::build::with_shell;
use crate::verb::caches::Caches;
use crate::verb::{push, release, room};
use crate::voice::Voice;
use crate::yard::Yard;

/// Whether the words ask for a build of a Dockerfile: a flag of such builds alone is there, or a context.
pub fn is_asked(words: &Build) -> bool {
    // What the base of a project can be built with, too.
    let alone = Dockerfile {
        build_arg: Vec::new(),
        secret: Vec::new(),
        ssh: Vec::new(),
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
    let here = project::here()?;
    let flags = &words.dockerfile;
    let outputs = flags.output.iter().map(|word| output::parse(word, &here));
    let outputs: Vec<Output> = outputs
        .filter_map(Result::transpose)
        .collect::<Result<_, _>>()?;
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
    let request = request(words, &context, &here)?;
    if flags.check {
        return check::all(&context, &request, voice);
    }
    let caches = Caches::parse(&words.caching, &here)?;
    let reporter = Reporter::start(voice, Roster::default(), Origins::new());
    let sink = reporter.sink();
    yard.say_notices(&sink);
    caches.open(&yard.store, words.manner.no_cache, &sink);
    let bench = Bench {
        host: &yard.host,
        sandbox: &yard.sandbox,
        store: &yard.store,
        sink: &sink,
    };
    let built = check::warn(&context, &request, &sink).and_then(|()| {
        engine::build(bench, &request).map_err(|error| place::failure(&context, error))
    });
    let done = built.and_then(|built| {
        for output in &outputs {
            output.write(&yard.store, &built, &name(&request))?;
        }
        if flags.push {
            push::all(
                &yard,
                &built.manifest,
                built.size_bytes,
                &request.tags,
                &sink,
            )?;
        }
        caches.keep(&yard.store, std::slice::from_ref(&built.manifest), &sink);
        room::make(&yard.store, std::slice::from_ref(&built.manifest), &sink);
        Ok(built)
    });
    drop(sink);
    reporter.finish();
    let built = done?;
    note(flags, &built, &request)?;
    if voice.json || outputs.iter().any(Output::is_standard) {
        return Ok(());
    }
    answer::text(&listing(&built, &request, voice))
}

/// What the words ask for.
fn request(words: &Build, context: &Context, here: &Path) -> Result<Request, Stopped> {
    let flags = &words.dockerfile;
    let manner = &words.manner;
    let dockerfile = parse(&context.text).map_err(|mistakes| place::mistakes(context, mistakes))?;
    let variable = |name: &str| std::env::var(name).ok();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let one = manner.serial || manner.debug_shell;
    Ok(Request {
        dockerfile,
        ignore: ignore::read(context.file.as_deref(), &context.folder)?,
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
            *found = ignore::read(None, path)?;
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

/// Writes the files that scripts ask for.
fn note(flags: &Dockerfile, built: &Built, request: &Request) -> Result<(), Error> {
    let write = |path: &Path, text: String| {
        std::fs::write(path, text).map_err(|source| Error::Write {
            path: path.to_path_buf(),
            source,
        })
    };
    if let Some(path) = &flags.iidfile {
        write(path, built.config.digest.to_string())?;
    }
    if let Some(path) = &flags.metadata_file {
        let names: Vec<String> = request.tags.iter().map(ToString::to_string).collect();
        let mut said = BTreeMap::from([
            (
                "containerimage.config.digest",
                serde_json::json!(built.config.digest),
            ),
            (
                "containerimage.descriptor",
                serde_json::json!(built.manifest),
            ),
            (
                "containerimage.digest",
                serde_json::json!(built.manifest.digest),
            ),
        ]);
        if !names.is_empty() {
            said.insert("image.name", serde_json::json!(names.join(",")));
        }
        let mut text = serde_json::to_string_pretty(&said).expect("plain data with string keys");
        text.push('\n');
        write(path, text)?;
    }
    Ok(())
}

/// The image for people; only its digest with --quiet.
fn listing(built: &Built, request: &Request, voice: &Voice) -> String {
    if voice.progress == Progress::Quiet {
        return format!("{}\n", built.manifest.digest);
    }
    let mut names: Vec<String> = request.tags.iter().map(ToString::to_string).collect();
    if names.is_empty() {
        names.push("(no name)".to_owned());
    }
    let mut table = Table::new(["IMAGE", "DIGEST", "SIZE", ""]);
    for name in names {
        table.row([
            name,
            built.manifest.digest.short().to_owned(),
            amount::bytes(built.size_bytes),
            if built.cached { "unchanged" } else { "" }.to_owned(),
        ]);
    }
    table.render(voice.out)
}
