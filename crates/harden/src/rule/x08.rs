//! X08: workers, and the memory that they have.

use super::images::{line, of_container};
use super::manifest::called;
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::{literal_env, workloads};
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "X08",
    severity: Severity::Info,
    title: "more workers than the memory is for, or as many as the machine has cores",
    why: "A Python web worker takes some 100 MB and more; above the limit the kernel kills one in the middle of a request. A number that is made from the \
          machine's cores is 65 on a large node, whatever the limits of the container are.",
    mend: "say the number of workers for each place (WEB_CONCURRENCY), and a limit that is enough for them",
    fix: Fixing::Never,
    same_as: "",
    check,
};

/// What one worker of a web application in Python takes at least.
const WORKER_MIB: i64 = 64;

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in &workloads(workspace) {
        for container in workload
            .containers
            .iter()
            .filter(|container| !container.init)
        {
            let made = of_container(workspace, container);
            let line = line(workspace, &container.words(), made);
            if !line.contains("gunicorn") {
                continue;
            }
            let limit = container.node.at(&["resources", "limits", "memory"]);
            if line.contains("nproc") || line.contains("cpu_count") {
                let span = limit
                    .as_ref()
                    .map_or_else(|| container.place(), |node| node.span.clone());
                report.add(
                    &RULE,
                    workload.file(),
                    span,
                    format!(
                        "{} has as many workers as the machine has cores",
                        called(container)
                    ),
                );
                continue;
            }
            let variable = literal_env(&container.node)
                .into_iter()
                .find(|(name, ..)| {
                    matches!(
                        name.as_str(),
                        "WEB_CONCURRENCY" | "WORKERS" | "GUNICORN_WORKERS"
                    )
                })
                .and_then(|(_, value, _)| value?.number());
            let Some(workers) = variable.or_else(|| workers(&line)) else {
                continue;
            };
            let Some(limit) = limit else { continue };
            let Some(mib) = limit.text().and_then(mebibytes) else {
                continue;
            };
            if workers * WORKER_MIB > mib {
                report.add(
                    &RULE,
                    workload.file(),
                    limit.span.clone(),
                    format!("{workers} workers have {} MiB each", mib / workers.max(1)),
                );
            }
        }
    }
}

fn workers(line: &str) -> Option<i64> {
    let mut words = line.split_whitespace();
    while let Some(word) = words.next() {
        let value = if matches!(word, "-w" | "--workers") {
            words.next()
        } else {
            word.strip_prefix("--workers=")
        };
        if let Some(count) = value.and_then(|value| value.parse().ok()) {
            return Some(count);
        }
    }
    None
}

/// An amount of memory as Kubernetes writes it.
fn mebibytes(text: &str) -> Option<i64> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number: i64 = text[..digits].parse().ok()?;
    match &text[digits..] {
        "Gi" => number.checked_mul(1024),
        "Mi" => Some(number),
        "Ki" => Some(number / 1024),
        "G" => number.checked_mul(953),
        "M" => Some(number * 95 / 100),
        "" => Some(number / (1024 * 1024)),
        _ => None,
    }
}
