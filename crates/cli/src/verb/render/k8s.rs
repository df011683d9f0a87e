//! `boatyard render k8s`

use std::collections::BTreeMap;

use boatyard_harden::render::k8s::{Form, Options, Platform, render};
use boatyard_harden::render::{Note, Rendered};
use boatyard_plan::project::When;

use super::digests;
use super::output::{self, Join};
use crate::args::render::{Cluster, K8s};
use crate::project::Found;
use crate::stopped::Stopped;
use crate::verb::{deploy, revision};
use crate::voice::Voice;

/// Makes manifests.
pub fn run(mut found: Found, words: &K8s, voice: &Voice) -> Result<(), Stopped> {
    deploy::host(&mut found.project, words.backing);
    let found = &found;
    let options = Options {
        digests: match &words.digests {
            Some(path) => digests::read(path, &found.project)?,
            None => BTreeMap::new(),
        },
        namespace: words.namespace.clone(),
        host: words.host.clone(),
        gateway: words.gateway.clone(),
        platform: match words.target {
            Cluster::Kubernetes => Platform::Kubernetes,
            Cluster::Openshift => Platform::Openshift,
        },
        form: if words.helm {
            Form::Helm
        } else if words.kustomize {
            Form::Kustomize
        } else {
            Form::Plain
        },
        ..Options::default()
    };
    let is_plain = options.form == Form::Plain;
    let mut rendered = rendered(found, words.tag.as_deref(), options)?;
    rendered.notes.extend(first(found).filter(|_| is_plain));
    output::give(&rendered, &words.output, Join::Documents, voice)
}

/// That nobody waits for jobs, unless whoever applies the manifests does.
fn first(found: &Found) -> Option<Note> {
    let jobs = found.project.jobs.iter();
    let first: Vec<&str> = jobs
        .filter(|job| job.when == When::BeforeDeploy)
        .map(|job| job.name.as_str())
        .collect();
    if first.is_empty() {
        return None;
    }
    Some(Note::new(
        format!(
            "kubectl apply starts {} and the roles at once: no pod waits for a job",
            first.join(", ")
        ),
        "\"boatyard deploy\" waits; with kubectl apply the files of jobs first (-o DIR)",
    ))
}

/// The manifests with images of `tag`, else of the state of the sources, as `build --variant k8s` calls them.
pub fn rendered(found: &Found, tag: Option<&str>, options: Options) -> Result<Rendered, Stopped> {
    if let Some(tag) = tag {
        let tag = tag.to_owned();
        return Ok(render(&found.project, &Options { tag, ..options }));
    }
    let (revision, _) = revision::of(&found.folder)?;
    let tag = format!("k8s-{}", revision.tag);
    // Digests name what was built, whatever it is called.
    let moves = revision.is_dirty() && options.digests.is_empty();
    let note = moves.then(|| {
        Note::new(
            format!("something here is not committed: images are called {tag}, which moves with each build"),
            "commit it, or name the tag: --tag TAG",
        )
    });
    let mut rendered = render(&found.project, &Options { tag, ..options });
    rendered.notes.extend(note);
    Ok(rendered)
}
