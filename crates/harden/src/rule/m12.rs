//! M12: which image runs is not said.

use super::manifest::called;
use super::{Fixing, Rule};
use crate::dockerfile::Name;
use crate::edit::Edit;
use crate::finding::Severity;
use crate::kubernetes::workloads;
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "M12",
    severity: Severity::Error,
    title: "an image without a tag, with \"latest\", or of the variant for Docker",
    why: "Two pods of one Deployment may run different programs, an undo does not bring the old one back, and nobody can say what ran. An image for Docker \
          runs as root and is refused by clusters that look.",
    mend: "name a version or a digest; use the image's k8s variant",
    fix: Fixing::Safe,
    same_as: "kube-linter latest-tag, kube-score container-image-tag and container-image-pull-policy, polaris tagNotSpecified and pullPolicyNotAlways, trivy KSV013",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in &workloads(workspace) {
        for container in &workload.containers {
            let Some(image) = container.image() else {
                continue;
            };
            let said = image.text().unwrap_or_default();
            if said.contains(['$', '{']) || said.is_empty() {
                continue;
            }
            let name = Name::of(said);
            if let Some(tag) = name.tag.filter(|tag| tag.starts_with("docker-")) {
                let finding = report.add(
                    &RULE,
                    workload.file(),
                    image.span.clone(),
                    format!("{} runs the variant for Docker: {tag}", called(container)),
                );
                let other = said.replacen(
                    &format!(":{tag}"),
                    &format!(":{}", tag.replacen("docker-", "k8s-", 1)),
                    1,
                );
                finding.help(format!("write {other}"));
                let written = &workload.text()[image.span.clone()];
                if name.digest.is_some() || image.aliased || written != said {
                    finding.refuse("the image is named by a digest, in quotes or by an alias");
                } else {
                    finding.safe([Edit::replace(workload.file(), image.span.clone(), other)]);
                }
                continue;
            }
            let message = match (name.tag, name.digest) {
                // Kustomize puts the tag in.
                (None, None) if !tagged_elsewhere(workspace, name.path) => {
                    format!("{} runs whatever {said} is", called(container))
                }
                (Some("latest" | "k8s-latest"), None) => {
                    format!("{} runs whatever was pushed last", called(container))
                }
                _ => continue,
            };
            report.add(&RULE, workload.file(), image.span.clone(), message);
        }
    }
}

/// Whether a kustomization sets the tag of `path`.
fn tagged_elsewhere(workspace: &Workspace, path: &str) -> bool {
    workspace.objects().any(|(_, yaml)| {
        yaml.root.string("kind").as_deref() == Some("Kustomization")
            && yaml.root.list("images").iter().any(|image| {
                image.string("name").as_deref() == Some(path)
                    && (image.get("newTag").is_some() || image.get("digest").is_some())
            })
    })
}
