//! The images of a deploy: built, pushed, and named by what they are.

use std::collections::BTreeMap;

use boatyard_plan::build;
use boatyard_plan::digest::Digest;
use boatyard_plan::variant::Variant;

use crate::args::build::{Build, Manner};
use crate::args::confined::Confining;
use crate::args::dockerfile::Dockerfile;
use crate::args::forms::{Forms, Wanted};
use crate::project::Found;
use crate::stopped::Stopped;
use crate::verb::build::{check_confined, done};
use crate::voice::Voice;

/// Builds the k8s form of all images of the project and pushes them, as `build --variant k8s --push` does; their digests by
/// service.
pub fn digests(
    found: &Found,
    confining: &Confining,
    voice: &Voice,
) -> Result<BTreeMap<String, Digest>, Stopped> {
    check_confined(found, confining)?;
    let words = Build {
        forms: Forms {
            variant: Some(Wanted::K8s),
            ..Forms::default()
        },
        dockerfile: Dockerfile {
            push: true,
            ..Dockerfile::default()
        },
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
