//! Which target.

use super::{compose, dockerfile, k8s, kubefiles, quadlet};
use crate::args::render::Target;
use crate::project::{self, Named};
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Makes files from the project.
pub fn run(named: Named<'_>, target: &Target, voice: &Voice) -> Result<(), Stopped> {
    // The form of a Dockerfile needs no project.
    let found = || project::find(named);
    match target {
        Target::K8s(words) => k8s::run(found()?, words, voice),
        Target::Compose(words) => compose::run(&found()?, words, voice),
        Target::Quadlet(words) => quadlet::run(&found()?, words, voice),
        Target::Dockerfile(words) => dockerfile::run(named, words, voice),
        Target::Kubefiles(words) => kubefiles::run(words, voice),
    }
}
