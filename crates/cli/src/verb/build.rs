//! `boatyard build`

mod confined;
mod shape;

use std::path::PathBuf;

use boatyard_engine::attest::Extras;
use boatyard_engine::build::{BuildError, Builder, Built, Given, Index, Options};
use boatyard_plan::build::{self, BuildPlan};
use boatyard_plan::dockerfile::platform;
use boatyard_plan::event::{Event, Level};
use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::project::Base;
use boatyard_plan::reference::Reference;
use boatyard_store::host_platform;

use crate::answer::{self, Table};
use crate::args::Progress;
use crate::args::build::{Build, Manner, Pull};
use crate::args::supply::Supply;
use crate::progress::{Origins, Reporter, Roster, Sink, amount};
use crate::project::{self, Named};
use crate::stopped::Stopped;
use crate::verb::caches::Caches;
use crate::verb::lock::Locked;
use crate::verb::note::{self, Noted};
use crate::verb::push::{self, Parcel};
use crate::verb::release::{self, ReleaseWordsError};
use crate::verb::{commit, dockerfile, room, s2i, supply};
use crate::voice::Voice;
use crate::yard::Yard;

pub use confined::{check as check_confined, confinement};
pub use shape::{Own, forked, told};

/// A flag means nothing for the project.
#[derive(Debug, thiserror::Error)]
enum WordsError {
    #[error("--{flag} is for a Dockerfile, and the project does not start from one")]
    NoDockerfile { flag: &'static str },
    #[error("an image is pushed to the registry in its name: {name} names none")]
    NoRegistry { name: String },
}

impl Failure for WordsError {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::NoDockerfile { .. } => {
                "name the context of the Dockerfile, for example \".\"; or in boatyard.toml: \
                 base = { dockerfile = \"Dockerfile\" }"
                    .to_owned()
            }
            Self::NoRegistry { .. } => {
                "say where in boatyard.toml: [image] prefix = \"registry.example.com/NAME\"; for Docker's: docker.io/NAME"
                    .to_owned()
            }
        })
    }
}

/// An image without a registry in its name cannot be pushed.
pub fn no_registry(name: &Reference) -> Stopped {
    let name = name.to_string();
    WordsError::NoRegistry { name }.into()
}

/// What is to be built, where, and why.
pub struct Job {
    /// The folder that sources come from. Absolute.
    pub folder: PathBuf,
    /// What is built.
    pub plan: BuildPlan,
    /// Why its steps exist.
    pub origins: Origins,
    /// What the Dockerfile of its base is built with, if there is one.
    pub given: Given,
    /// Where Python packages come from; none: as this machine says.
    pub index: Option<Index>,
    /// Which of its images are the user's own.
    pub own: Own,
    /// Whether it is made from the sources in the folder.
    pub is_project: bool,
    /// The copy of the project that it is for.
    pub copy: Option<String>,
    /// Variables of its roles that look like secrets, which no image gets.
    pub kept_out: Vec<String>,
}

/// Builds services of the project, a Dockerfile or a release, and lists the images.
pub fn run(named: Named<'_>, words: &Build, voice: &Voice) -> Result<(), Stopped> {
    if let Some(text) = words.what.iter().find(|what| is_release(what)) {
        dockerfile::refuse(words, "a release")?;
        return release::run(text, words, voice);
    }
    if s2i::is_asked(words, &project::here()?) {
        dockerfile::refuse(words, "an S2I repository")?;
        return s2i::run(words, voice);
    }
    if let Some(flag) = words.releasing.said().into_iter().next() {
        return Err(ReleaseWordsError::NoRelease { flag }.into());
    }
    if dockerfile::is_asked(words) {
        return dockerfile::run(words, voice);
    }
    dockerfile::refuse(words, "a project")?;
    carry_out(job(named, words)?, words, voice, |_, _, _| Ok(()))
}

/// Builds the images of a job, does with them what the words say, and lists them. `besides` is what is done with them once
/// they are handed over, by the plan as it was shaped.
pub fn carry_out(
    job: Job,
    words: &Build,
    voice: &Voice,
    besides: impl FnOnce(&Yard, &Job, &[Built]) -> Result<(), Stopped>,
) -> Result<(), Stopped> {
    let built = done(job, words, voice, besides)?;
    if voice.json {
        // Each image has been told as an event.
        return Ok(());
    }
    answer::text(&listing(&built, voice))
}

/// The same without the list.
pub fn done(
    mut job: Job,
    words: &Build,
    voice: &Voice,
    besides: impl FnOnce(&Yard, &Job, &[Built]) -> Result<(), Stopped>,
) -> Result<Vec<Built>, Stopped> {
    let notices = shape::shape(&mut job, words, voice.verbose)?;
    let voice = &with_shell(voice, &words.manner);
    let caches = Caches::parse(&words.caching, &project::here()?)?;
    let yard = Yard::open()?;
    let reporter = Reporter::start(voice, Roster::default(), job.origins.clone());
    let sink = reporter.sink();
    yard.say_notices(&sink);
    for notice in notices {
        sink(notice);
    }
    caches.open(&yard.store, words.manner.no_cache, &sink);
    let built = images_with(&yard, &job, words, reporter.sink());
    let done = built.and_then(|built| {
        let manifests: Vec<_> = built.iter().map(|image| image.manifest.clone()).collect();
        hand_over(&yard, &job, words, &built, &sink)?;
        besides(&yard, &job, &built)?;
        caches.keep(&yard.store, &manifests, &sink);
        room::make(&yard.store, &manifests, &sink);
        Ok(built)
    });
    drop(sink);
    reporter.finish();
    done
}

/// Pushes what was built and writes what scripts ask for, if the words say so.
pub fn hand_over(
    yard: &Yard,
    job: &Job,
    words: &Build,
    built: &[Built],
    sink: &Sink,
) -> Result<(), Stopped> {
    let flags = &words.dockerfile;
    let own = |image: &&Built| job.own.goes(&image.service, image.variant);
    if flags.push {
        let parcels: Vec<Parcel> = built.iter().filter(own).flat_map(parcels).collect();
        push::all(&yard.store, &parcels, push::at_once(&words.manner), sink)?;
    }
    let notes: Vec<Noted> = built.iter().filter(own).map(noted).collect();
    note::write(flags, &notes, !job.is_project && notes.len() == 1)?;
    Ok(())
}

/// What is pushed of an image: each of its names.
fn parcels(image: &Built) -> Vec<Parcel> {
    let names = image.references.iter().filter_map(|name| name.parse().ok());
    names
        .map(|name| Parcel {
            name,
            manifest: image.manifest.clone(),
            size_bytes: image.size_bytes,
        })
        .collect()
}

fn noted(image: &Built) -> Noted {
    Noted {
        key: match image.variant {
            Some(variant) => format!("{}-{}", image.service, variant.name()),
            None => image.service.clone(),
        },
        names: image.references.clone(),
        manifest: image.manifest.clone(),
        config: image.config.clone(),
    }
}

/// Builds the images of a plan; events go to `sink`.
pub fn images(yard: &Yard, job: &Job, manner: &Manner, sink: Sink) -> Result<Vec<Built>, Stopped> {
    let locked = Locked::read(&job.folder, true, &Supply::default())?;
    let options = options(job, manner, &locked, Extras::default());
    made(yard, job, options, sink)
}

/// The same, with what the words want to go with the images; writes the lock.
pub fn images_with(
    yard: &Yard,
    job: &Job,
    words: &Build,
    sink: Sink,
) -> Result<Vec<Built>, Stopped> {
    let locked = Locked::read(&job.folder, true, &words.supply)?;
    let platform = platform::format(&host_platform());
    let mut extras = supply::extras(&words.supply, &platform, || supply::described(&job.plan))?;
    if extras.provenance.is_some() {
        extras.materials.extend(commit::of(&job.folder));
    }
    let options = options(job, &words.manner, &locked, extras);
    let built = made(yard, job, options, sink)?;
    locked.keep(built.iter().flat_map(|image| &image.bases))?;
    Ok(built)
}

fn options(job: &Job, manner: &Manner, locked: &Locked, extras: Extras) -> Options {
    Options {
        jobs: if manner.serial || manner.debug_shell {
            1
        } else {
            manner.jobs.unwrap_or(0)
        },
        no_cache: manner.no_cache,
        confined: confinement(&manner.confining),
        pull: manner.pull == Pull::Always || locked.is_renewed(),
        debug_shell: manner.debug_shell,
        ignore_expiry: manner.ignore_valid_until
            || std::env::var_os("BOATYARD_IGNORE_VALID_UNTIL").is_some(),
        given: job.given.clone(),
        index: job.index.clone(),
        lock: locked.policy(),
        extras,
    }
}

fn made(yard: &Yard, job: &Job, options: Options, sink: Sink) -> Result<Vec<Built>, Stopped> {
    if !job.kept_out.is_empty() {
        let names = job.kept_out.join(", ");
        sink(Event::Notice {
            level: Level::Warning,
            message: format!("no image has what looks like a secret: {names}"),
            help: Some("\"boatyard up\" gives it to what it starts; elsewhere whoever starts the image does".to_owned()),
        });
    }
    let (host, sandbox, store) = (&yard.host, &yard.sandbox, &yard.store);
    let builder = Builder::new(host, sandbox, store, &job.folder, sink, options, &job.plan);
    let built = builder.build(&job.plan);
    built.map_err(|failure| match failure {
        BuildError::Dockerfile { file, text, cause } => {
            dockerfile::failure_in(&file, &text, *cause)
        }
        other => Stopped::Told(Box::new(other)),
    })
}

/// The voice for a build that may open a shell: nothing may redraw the terminal under it.
pub fn with_shell(voice: &Voice, manner: &Manner) -> Voice {
    let mut voice = voice.clone();
    if manner.debug_shell && voice.progress == Progress::Tree {
        voice.progress = Progress::Plain;
    }
    voice
}

/// Whether a word names a release: `git@host:a.git` looks like one, and is a context.
fn is_release(word: &str) -> bool {
    release::is_release(word) && !dockerfile::is_context(word)
}

/// The services of the project that the words ask for.
fn job(named: Named<'_>, words: &Build) -> Result<Job, Stopped> {
    let found = project::find(named)?;
    check_confined(&found, &words.manner.confining)?;
    let plan = build::plan_services(&found.project, &words.what)?;
    let mut job = found.job(plan);
    job.given = given(words, &found.project.image.base)?;
    Ok(job)
}

/// What the words say about the Dockerfile that the project starts from; nothing may be said where it does not.
fn given(words: &Build, base: &Base) -> Result<Given, Stopped> {
    let flags = &words.dockerfile;
    let said = [
        ("build-arg", &flags.build_arg),
        ("secret", &flags.secret),
        ("ssh", &flags.ssh),
    ];
    let said = said.into_iter().find(|(_, words)| !words.is_empty());
    match (base, said) {
        (Base::Dockerfile(_), _) | (_, None) => dockerfile::given(flags),
        (_, Some((flag, _))) => Err(WordsError::NoDockerfile { flag }.into()),
    }
}

/// The images for people; only their names with --quiet.
pub fn listing(built: &[Built], voice: &Voice) -> String {
    if voice.progress == Progress::Quiet {
        let names = built.iter().flat_map(|image| &image.references);
        return names.fold(String::new(), |text, name| text + name + "\n");
    }
    let mut table = Table::new(["IMAGE", "DIGEST", "SIZE", ""]);
    for image in built {
        for name in &image.references {
            table.row([
                name.clone(),
                image.manifest.digest.short().to_owned(),
                amount::bytes(image.size_bytes),
                if image.cached { "unchanged" } else { "" }.to_owned(),
            ]);
        }
    }
    table.render(voice.out)
}

#[cfg(test)]
mod tests {
    use super::is_release;

    #[test]
    fn contexts_are_not_releases() {
        for (word, expected) in [
            ("git@host.example:a.git", false),
            ("https://host.example/a.git#v1", false),
            ("shop @ https://host.example/a.tar.gz", true),
            ("./dist/shop-1.2-py3-none-any.whl[web]", true),
            ("shop==1.2", true),
            ("./shop", false),
        ] {
            assert_eq!(is_release(word), expected, "{word}");
        }
    }
}
