//! D10: what the image starts from changes under the same name.

use super::{Fixing, Rule};
use crate::dockerfile::{Dockerfile, Name};
use crate::finding::Severity;
use crate::image::PREFIX;
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "D10",
    severity: Severity::Warning,
    title: "the base image has no tag, or \"latest\"",
    why: "The next build starts from another image, perhaps with another major version, and nobody sees it in a review. With a tag it can \
          change, too; only a digest names one image for ever.",
    mend: "name a version, e.g. python:3.12-slim-bookworm; for builds that can be repeated, a digest as well",
    fix: Fixing::Never,
    same_as: "hadolint DL3006 and DL3007, trivy DS-0001, checkov CKV_DOCKER_7, kube-linter latest-tag",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        let reference = document.path.strip_prefix(PREFIX).unwrap_or("");
        if matches!(Name::of(reference), Name { path, tag: None | Some("latest"), digest: None } if !path.is_empty())
        {
            let first = document.text.find('\n').unwrap_or(document.text.len());
            report
                .add(
                    &RULE,
                    &document.path,
                    0..first,
                    "the name of the image says no version",
                )
                .help("deploy it under a tag that is never given twice, or by its digest")
                .severity = Severity::Info;
        }
        let pinned = is_pinned(dockerfile);
        for (index, stage) in dockerfile.file.stages.iter().enumerate() {
            let said = dockerfile.resolved(&stage.image.text);
            if dockerfile.parent(index).is_some() || said == "scratch" || said.contains('$') {
                continue;
            }
            let name = Name::of(&said);
            let message = match (name.tag, name.digest) {
                (None, None) => format!("{said} has no tag"),
                (Some("latest"), None) => format!("{said} is whatever was made last"),
                // Where nobody names digests, that is a decision; where some do, this one was forgotten.
                (Some(_), None) if pinned => {
                    report
                        .add(
                            &RULE,
                            &document.path,
                            stage.image.span.clone(),
                            format!("{said} names no digest, and other images here do"),
                        )
                        .help("name its digest as well: NAME:TAG@sha256:...")
                        .severity = Severity::Info;
                    continue;
                }
                _ => continue,
            };
            report.add(&RULE, &document.path, stage.image.span.clone(), message);
        }
    }
}

/// Whether an image that the Dockerfile starts from is named by its digest.
fn is_pinned(dockerfile: &Dockerfile) -> bool {
    let stages = dockerfile.file.stages.iter();
    stages
        .map(|stage| dockerfile.resolved(&stage.image.text))
        .any(|said| Name::of(&said).digest.is_some())
}
