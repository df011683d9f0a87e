//! `boatyard render kubefiles`

use boatyard_cluster::kubefiles::{Build, Commit, breaches, manifests, read};
use boatyard_harden::render::{File, Note, Rendered};

use super::output::{self, Join};
use crate::args::kubefiles::Kubefiles;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Makes the manifests of a mode, and tells what of the contract they break.
pub fn run(words: &Kubefiles, voice: &Voice) -> Result<(), Stopped> {
    let files = read(&words.from)?;
    let build = build(words);
    let made = manifests(&files, &build)?;
    let notes = breaches(&made, &build).into_iter().map(|breach| {
        let object = breach.object.map(|id| format!("{id}: "));
        let expected = breach.expected;
        Note::new(
            format!(
                "a controller expects {}{expected}",
                object.unwrap_or_default()
            ),
            "docs/reference/runboat.md has the contract of kubefiles",
        )
    });
    let rendered = Rendered {
        notes: notes.collect(),
        files: made
            .iter()
            .map(|one| File {
                path: format!("{}-{}.yaml", one.id().kind.to_ascii_lowercase(), one.name()),
                text: one.text(),
            })
            .collect(),
    };
    output::give(&rendered, &words.output, Join::Documents, voice)
}

fn build(words: &Kubefiles) -> Build {
    // A colon before a slash is that of a port.
    let (name, tag) = match words.image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (words.image.as_str(), "latest"),
    };
    Build {
        mode: words.mode,
        namespace: words.namespace.clone(),
        build_name: words.name.clone(),
        build_slug: words.slug.clone().unwrap_or_else(|| words.name.clone()),
        build_domain: words.domain.clone(),
        commit_info: Commit {
            repo: words.repository.to_lowercase(),
            target_branch: words.branch.clone(),
            pr: words.pull,
            git_commit: words.commit.clone(),
        },
        image_name: name.to_owned(),
        image_tag: tag.to_owned(),
        build_env: words.env.iter().cloned().collect(),
        // What nobody is to see is not on command lines.
        build_secret_env: std::collections::BTreeMap::new(),
        build_template_vars: words.variables.iter().cloned().collect(),
    }
}
