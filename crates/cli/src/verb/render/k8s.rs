//! `boatyard render k8s`

use boatyard_harden::render::Rendered;
use boatyard_harden::render::k8s::{Options, render};

use super::output::{self, Join};
use crate::args::render::K8s;
use crate::project::Found;
use crate::stopped::Stopped;
use crate::verb::revision;
use crate::voice::Voice;

/// Makes manifests.
pub fn run(found: &Found, words: &K8s, voice: &Voice) -> Result<(), Stopped> {
    let rendered = rendered(found, words.tag.as_deref(), words.namespace.as_deref())?;
    output::give(&rendered, &words.output, Join::Documents, voice)
}

/// The manifests of the project with images of `tag` (default: that of its revision).
pub fn rendered(
    found: &Found,
    tag: Option<&str>,
    namespace: Option<&str>,
) -> Result<Rendered, Stopped> {
    let tag = match tag {
        Some(tag) => tag.to_owned(),
        None => format!("k8s-{}", revision::of(&found.folder)?.0.tag),
    };
    let options = Options {
        tag,
        namespace: namespace.map(str::to_owned),
    };
    Ok(render(&found.project, &options))
}
