//! M07: the file system of the container can be written.

use super::manifest::{called, secure, set_path};
use super::{Fixing, Rule};
use crate::edit::Edit;
use crate::finding::Severity;
use crate::kubernetes::{Container, Workload, workloads};
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::{Fresh, edit};

pub(super) const RULE: Rule = Rule {
    id: "M07",
    severity: Severity::Warning,
    title: "the root file system can be written",
    why: "Whoever breaks in can change the application itself, and stays until the pod is replaced. What the application writes there is lost with \
          the container, which is noticed late.",
    mend: "set securityContext.readOnlyRootFilesystem: true, and mount an emptyDir where the application writes: /tmp at least",
    fix: Fixing::Suggested,
    same_as: "kube-linter no-read-only-root-fs, kubesec ReadOnlyRootFilesystem, polaris notReadOnlyRootFilesystem, trivy KSV014",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in workloads(workspace).iter().filter(|one| !one.is_windows()) {
        for container in &workload.containers {
            let own = container.security("readOnlyRootFilesystem");
            if own.as_ref().and_then(crate::yaml::Node::truth) == Some(true) {
                continue;
            }
            let span = own.map_or_else(|| container.place(), |node| node.span);
            let finding = report.add(
                &RULE,
                workload.file(),
                span,
                format!("{} can be changed while it runs", called(container)),
            );
            match edits(workload, container) {
                Some(edits) => {
                    finding.suggested(edits);
                }
                None => {
                    finding.refuse(super::manifest::SHARED);
                }
            }
        }
    }
}

fn edits(workload: &Workload<'_>, container: &Container) -> Option<Vec<Edit>> {
    let (file, text) = (workload.file(), workload.text());
    let value = Fresh::plain("true");
    let mut edits = vec![secure(
        workload,
        container,
        &["readOnlyRootFilesystem"],
        &value,
    )?];
    if has_tmp(container) {
        return Some(edits);
    }
    let mount = Fresh::map([
        ("name", Fresh::plain("tmp")),
        ("mountPath", Fresh::plain("/tmp")),
    ]);
    edits.push(add(file, text, &container.node, "volumeMounts", mount)?);
    let volumes = workload.pod.list("volumes");
    let known = |volume: &crate::yaml::Node| volume.string("name").as_deref() == Some("tmp");
    if !volumes.iter().any(known) {
        let volume = Fresh::map([("name", Fresh::plain("tmp")), ("emptyDir", Fresh::map([]))]);
        edits.push(add(file, text, &workload.pod, "volumes", volume)?);
    }
    // What is put in at one place belongs to what is deeper first.
    edits.sort_by_key(|edit| (edit.start, std::cmp::Reverse(depth(edit))));
    Some(edits)
}

/// How far what is put in is indented.
fn depth(edit: &Edit) -> usize {
    let line = edit.text.trim_start_matches('\n');
    line.len() - line.trim_start_matches(' ').len()
}

/// Adds an element to the list at `key`, or a list with it.
fn add(file: &str, text: &str, node: &crate::yaml::Node, key: &str, value: Fresh) -> Option<Edit> {
    match node.get(key) {
        Some(list) if list.is_list() => edit::append(file, text, &list, &value),
        _ => set_path(file, text, node, &[key], &Fresh::List(vec![value])),
    }
}

/// Whether something that can be written is at `/tmp`.
pub(super) fn has_tmp(container: &Container) -> bool {
    container
        .node
        .list("volumeMounts")
        .iter()
        .any(|mount| matches!(mount.string("mountPath").as_deref(), Some("/tmp" | "/tmp/")))
}
