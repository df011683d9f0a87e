//! M11: less time to stop than the hook before it takes.

use super::manifest::{called, offer, set_path};
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::workloads;
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::Fresh;

pub(super) const RULE: Rule = Rule {
    id: "M11",
    severity: Severity::Warning,
    title: "preStop takes all of the grace period",
    why: "terminationGracePeriodSeconds begins before preStop: what the hook waits is not left for the application, which is killed as soon as the time is \
          over.",
    mend: "set terminationGracePeriodSeconds to what preStop waits and what the application needs",
    fix: Fixing::Safe,
    same_as: "",
    check,
};

/// What an application gets where nobody says.
const DEFAULT_SECS: i64 = 30;
/// Less than this is no time.
const LEAST_SECS: i64 = 5;

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in &workloads(workspace) {
        for container in &workload.containers {
            let Some(wait) = container
                .pre_stop_secs()
                .filter(|wait| workload.grace() - wait < LEAST_SECS)
            else {
                continue;
            };
            let span = workload.grace_place(container);
            let finding = report.add(
                &RULE,
                workload.file(),
                span,
                format!(
                    "preStop of {} waits {wait} of {} s, and the application has what is left",
                    called(container),
                    workload.grace()
                ),
            );
            let value = Fresh::plain(wait.saturating_add(DEFAULT_SECS));
            let edit = set_path(
                workload.file(),
                workload.text(),
                &workload.pod,
                &["terminationGracePeriodSeconds"],
                &value,
            );
            offer(finding, edit, true);
        }
    }
}
