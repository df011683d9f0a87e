//! `boatyard build`

use std::path::Path;

use boatyard_engine::build::{Builder, Built, Options};
use boatyard_plan::build::{self as plan, BuildPlan};
use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::project::{Package, User};
use boatyard_plan::release;

use crate::args::build::{Build, Manner};
use crate::project::{self, Found};
use crate::render::{Origins, Reporter, Roster, Sink};
use crate::stopped::Stopped;
use crate::voice::Voice;
use crate::yard::Yard;

/// What was asked for does not exist yet.
#[derive(Debug, thiserror::Error)]
#[error("builds of Dockerfiles are not there yet ({asked})")]
struct NotYet {
    asked: String,
}

impl Failure for NotYet {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some(
            "describe the application in boatyard.toml: \"boatyard build\" makes its images without a Dockerfile"
                .to_owned(),
        )
    }
}

/// Builds services of the project, or a release.
pub fn run(named: Option<&Path>, words: &Build, voice: &Voice) -> Result<(), Stopped> {
    if let Some(file) = &words.file {
        return Err(NotYet {
            asked: format!("-f {}", file.display()),
        }
        .into());
    }
    if let Some(folder) = words
        .what
        .iter()
        .find(|word| Path::new(word).is_dir() && word.contains(['/', '.']))
    {
        return Err(NotYet {
            asked: folder.clone(),
        }
        .into());
    }
    match words.what.as_slice() {
        [what] if is_release(what) => {
            let folder = std::env::current_dir().map_err(Stopped::from_writing)?;
            let plan = release::parse(what, &release_options(words))?;
            build(
                &Yard::open()?,
                &folder,
                &plan,
                &words.manner,
                Origins::default(),
                voice,
            )
        }
        services => {
            let found = project::find(named)?;
            let plan = plan::plan_services(&found.project, services)?;
            build(
                &Yard::open()?,
                &found.folder,
                &plan,
                &words.manner,
                found.origins(&plan),
                voice,
            )
        }
    }
}

/// Whether a word is a release and not a service: `==`, `[`, `@` or `.whl` is in it.
fn is_release(word: &str) -> bool {
    word.contains("==")
        || word.contains(['[', '@'])
        || Path::new(word)
            .extension()
            .is_some_and(|extension| extension == "whl")
}

fn release_options(words: &Build) -> release::Options {
    let package = |name: &String| Package {
        run: Some(name.clone()),
        build: None,
    };
    let build_package = |name: &String| Package {
        run: None,
        build: Some(name.clone()),
    };
    release::Options {
        python: words.python.clone(),
        base: words.base.clone(),
        packages: words
            .package
            .iter()
            .map(package)
            .chain(words.compile_package.iter().map(build_package))
            .collect(),
        entry_point: words.entry_point.clone(),
        user: User::default(),
        constraints: words.constraint.clone(),
    }
}

fn build(
    yard: &Yard,
    folder: &Path,
    plan: &BuildPlan,
    manner: &Manner,
    origins: Origins,
    voice: &Voice,
) -> Result<(), Stopped> {
    if voice.verbose {
        eprint!("{}", plan::render(plan));
    }
    let reporter = Reporter::start(voice, Roster::default(), origins);
    let sink = reporter.sink();
    yard.say_notices(&sink);
    let built = images(yard, folder, plan, manner, &sink);
    reporter.finish();
    built.map(drop)
}

/// Builds the images of a project for a verb that needs them; events go to `sink`.
pub fn project_images(
    yard: &Yard,
    found: &Found,
    plan: &BuildPlan,
    manner: &Manner,
    sink: &Sink,
) -> Result<Vec<Built>, Stopped> {
    images(yard, &found.folder, plan, manner, sink)
}

fn images(
    yard: &Yard,
    folder: &Path,
    plan: &BuildPlan,
    manner: &Manner,
    sink: &Sink,
) -> Result<Vec<Built>, Stopped> {
    let options = Options {
        serial: manner.serial,
        no_cache: manner.no_cache,
        pull: manner.pull,
        debug_shell: manner.debug_shell,
        ignore_expiry: manner.ignore_valid_until
            || std::env::var_os("BOATYARD_IGNORE_VALID_UNTIL").is_some(),
    };
    let builder = Builder::new(
        &yard.host,
        &yard.sandbox,
        &yard.store,
        folder,
        sink.clone(),
        options,
        plan,
    );
    Ok(builder.build(plan)?)
}
