//! The images of a deploy: built, pushed, and named by what they are.

use std::collections::BTreeMap;
use std::path::Path;

use boatyard_plan::build;
use boatyard_plan::digest::Digest;
use boatyard_plan::project::Project;
use boatyard_plan::variant::Variant;

use crate::args::build::{Build, Manner};
use crate::args::confined::Confining;
use crate::args::dockerfile::Dockerfile;
use crate::args::forms::{Forms, Wanted};
use crate::progress::{Origins, Reporter, Roster};
use crate::project::Found;
use crate::stopped::Stopped;
use crate::verb::build::{check_confined, done};
use crate::verb::push;
use crate::verb::render;
use crate::voice::Voice;
use crate::yard::Yard;

/// Builds the k8s form of all images of the project and pushes them, as `build --variant k8s --push` does; their digests by
/// service.
pub fn digests(
    found: &Found,
    confining: &Confining,
    voice: &Voice,
) -> Result<BTreeMap<String, Digest>, Stopped> {
    let pushing = Dockerfile {
        push: true,
        ..Dockerfile::default()
    };
    built(found, confining, pushing, voice)
}

/// Builds them, and writes to `file` what was built. Nobody is asked who we are.
pub fn build_to(
    found: &Found,
    confining: &Confining,
    file: &Path,
    voice: &Voice,
) -> Result<(), Stopped> {
    let noting = Dockerfile {
        metadata_file: Some(file.to_owned()),
        ..Dockerfile::default()
    };
    built(found, confining, noting, voice).map(drop)
}

/// Pushes what [`build_to`] has written to `file`; the digests by service.
pub fn push_from(
    project: &Project,
    file: &Path,
    voice: &Voice,
) -> Result<BTreeMap<String, Digest>, Stopped> {
    let said = render::said(file)?;
    let digests = render::digests_within(&said, file, project)?;
    let yard = Yard::open()?;
    let parcels = push::parcels(&yard.store, &render::named(&said))?;
    let reporter = Reporter::start(voice, Roster::default(), Origins::new());
    let sink = reporter.sink();
    let at_once = push::at_once(&Manner::default());
    let pushed = push::all(&yard.store, &parcels, at_once, &sink);
    drop(sink);
    reporter.finish();
    pushed?;
    Ok(digests)
}

fn built(
    found: &Found,
    confining: &Confining,
    dockerfile: Dockerfile,
    voice: &Voice,
) -> Result<BTreeMap<String, Digest>, Stopped> {
    check_confined(found, confining)?;
    let words = Build {
        forms: Forms {
            variant: Some(Wanted::K8s),
            ..Forms::default()
        },
        dockerfile,
        manner: Manner {
            confining: confining.clone(),
            ..Manner::default()
        },
        ..Build::default()
    };
    let job = found.job(build::plan_services(&found.project, &[])?);
    let built = done(job, &words, voice, |_, _, _| Ok(()))?;
    let ours = built
        .into_iter()
        .filter(|image| image.variant == Some(Variant::K8s));
    Ok(ours
        .map(|image| (image.service, image.manifest.digest))
        .collect())
}
