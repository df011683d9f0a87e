//! `boatyard render kubefiles`

use std::path::{Path, PathBuf};
use std::{fs, io};

use boatyard_cluster::kubefiles::{Build, Commit, Files, breaches, manifests};
use boatyard_harden::render::{File, Note, Rendered};
use boatyard_plan::failure::{Failure, Fault};

use super::output::{self, Join};
use crate::args::kubefiles::Kubefiles;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// A file of the folder cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}", path.display())]
struct Unread {
    path: PathBuf,
    source: io::Error,
}

impl Failure for Unread {
    fn fault(&self) -> Fault {
        match self.source.kind() {
            io::ErrorKind::PermissionDenied => Fault::Refused,
            _ => Fault::User,
        }
    }
}

/// Makes the manifests of a mode, and tells what of the contract they break.
pub fn run(words: &Kubefiles, voice: &Voice) -> Result<(), Stopped> {
    let mut files = Files::new();
    read(&words.from, "", &mut files)?;
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

/// All texts below `folder`, whose paths begin with `before`.
fn read(folder: &Path, before: &str, files: &mut Files) -> Result<(), Unread> {
    let unread = |path: &Path| {
        let path = path.to_owned();
        move |source| Unread { path, source }
    };
    for entry in fs::read_dir(folder).map_err(unread(folder))? {
        let path = entry.map_err(unread(folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{before}{name}");
        if path.is_dir() {
            read(&path, &format!("{name}/"), files)?;
        } else {
            files.insert(name, fs::read_to_string(&path).map_err(unread(&path))?);
        }
    }
    Ok(())
}
