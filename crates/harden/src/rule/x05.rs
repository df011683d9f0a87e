//! X05: a root that cannot be written, and a program that writes there.

use super::images::{line, of_container};
use super::m07::has_tmp;
use super::manifest::called;
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::workloads;
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "X05",
    severity: Severity::Warning,
    title: "the root cannot be written, and the program writes there",
    why: "readOnlyRootFilesystem makes every write outside of a volume fail: beat's schedule beside the program, temporary files, heartbeats of workers. It \
          is found when the pod starts, or at the first upload.",
    mend: "mount an emptyDir where it writes, or tell the program another place",
    fix: Fixing::Never,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in &workloads(workspace) {
        for container in workload
            .containers
            .iter()
            .filter(|container| !container.init)
        {
            let Some(set) = container
                .security("readOnlyRootFilesystem")
                .filter(|node| node.truth() == Some(true))
            else {
                continue;
            };
            let made = of_container(workspace, container);
            let line = line(workspace, &container.words(), made);
            let words: Vec<&str> = line
                .split_whitespace()
                .map(|word| word.trim_matches(['"', '\'']))
                .collect();
            let has = |word: &str| words.contains(&word);
            let mounted = |path: &str| {
                let mounts = container.node.list("volumeMounts");
                mounts
                    .iter()
                    .filter_map(|mount| mount.string("mountPath"))
                    .any(|mount| path.starts_with(mount.trim_end_matches('/')))
            };
            let mut tell = |message: String| {
                report.add(&RULE, workload.file(), set.span.clone(), message);
            };
            if has("celery") && has("beat") {
                let schedule = words
                    .iter()
                    .position(|word| matches!(*word, "-s" | "--schedule"))
                    .and_then(|at| words.get(at + 1).copied());
                let joined = words
                    .iter()
                    .find_map(|word| word.strip_prefix("--schedule="));
                if !schedule.or(joined).is_some_and(mounted) && !has("--scheduler") && !has("-S") {
                    tell(format!(
                        "{}: beat writes celerybeat-schedule where it is started; give it -s /tmp/celerybeat-schedule",
                        called(container)
                    ));
                }
            }
            let temporary = words
                .iter()
                .any(|word| word.rsplit('/').next() == Some("gunicorn"))
                && !words
                    .iter()
                    .any(|word| word.starts_with("--worker-tmp-dir"));
            if temporary && !has_tmp(container) {
                tell(format!(
                    "{}: gunicorn's workers need a place for their heartbeat; mount an emptyDir at /tmp or use --worker-tmp-dir /dev/shm",
                    called(container)
                ));
            }
            let nginx = words
                .iter()
                .any(|word| word.rsplit('/').next() == Some("nginx"));
            if nginx && !mounted("/var/cache/nginx") && !has_tmp(container) {
                tell(format!(
                    "{}: nginx writes to /var/cache/nginx",
                    called(container)
                ));
            }
        }
    }
}
