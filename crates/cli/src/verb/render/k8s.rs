//! `boatyard render k8s`

use boatyard_harden::render::k8s::{Options, render};

use super::output::{self, Join};
use crate::args::render::K8s;
use crate::project::Found;
use crate::stopped::Stopped;
use crate::verb::revision;
use crate::voice::Voice;

/// Makes manifests.
pub fn run(found: &Found, words: &K8s, voice: &Voice) -> Result<(), Stopped> {
    let tag = match &words.tag {
        Some(tag) => tag.clone(),
        None => format!("k8s-{}", revision::of(&found.folder)?.0.tag),
    };
    let options = Options {
        tag,
        namespace: words.namespace.clone(),
    };
    let rendered = render(&found.project, &options);
    output::give(&rendered, &words.output, Join::Documents, voice)
}
