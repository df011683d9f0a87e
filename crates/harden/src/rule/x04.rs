//! X04: the health check of the image, and the probes of the manifest.

use boatyard_plan::dockerfile::{Command, Instruction, Kind};

use super::images::of_container;
use super::manifest::{called, offer, set_path};
use super::{Fixing, Rule};
use crate::dockerfile::Dockerfile;
use crate::finding::Severity;
use crate::kubernetes::{duration_secs, workloads};
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::Fresh;

pub(super) const RULE: Rule = Rule {
    id: "X04",
    severity: Severity::Warning,
    title: "the image has a health check, and the manifest other probes or none",
    why: "Kubernetes does not use HEALTHCHECK. What somebody found out about how the application is asked is lost on the way to the cluster: no probe, \
          so that requests are sent to what is not ready; or another path, so that a laptop and a cluster disagree about what works.",
    mend: "write probes that ask what HEALTHCHECK asks",
    fix: Fixing::Suggested,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in workloads(workspace)
        .iter()
        .filter(|workload| !workload.ends())
    {
        for container in workload
            .containers
            .iter()
            .filter(|container| !container.init)
        {
            let Some((document, dockerfile)) = of_container(workspace, container) else {
                continue;
            };
            let Some(asked) = Asked::of(dockerfile) else {
                continue;
            };
            let probes: Vec<_> = ["readinessProbe", "livenessProbe", "startupProbe"]
                .iter()
                .filter_map(|key| container.node.get(key))
                .collect();
            if probes.is_empty() {
                // A command of its own runs something else than what the image is asked for.
                if !container.words().is_empty() {
                    continue;
                }
                let finding = report.add(
                    &RULE,
                    workload.file(),
                    container.place(),
                    format!(
                        "{} has no probe, and {} knows how to ask: {}",
                        called(container),
                        document.path,
                        asked.shown()
                    ),
                );
                let edit = set_path(
                    workload.file(),
                    workload.text(),
                    &container.node,
                    &["readinessProbe"],
                    &asked.probe(),
                );
                offer(finding, edit, false);
                continue;
            }
            let paths: Vec<_> = probes
                .iter()
                .filter_map(|probe| probe.at(&["httpGet", "path"]))
                .collect();
            if let Some(first) = paths.first()
                && paths
                    .iter()
                    .all(|node| node.text().is_none_or(|text| text != asked.path))
            {
                report
                    .add(
                        &RULE,
                        workload.file(),
                        first.span.clone(),
                        format!(
                            "the probes ask {}, and {} asks {}",
                            first.text().unwrap_or_default(),
                            document.path,
                            asked.path
                        ),
                    )
                    .help("ask the same path in both");
            }
        }
    }
}

/// What a `HEALTHCHECK` asks by HTTP.
struct Asked {
    port: i64,
    path: String,
    period: Option<i64>,
    timeout: Option<i64>,
    retries: Option<i64>,
}

impl Asked {
    fn of(dockerfile: &Dockerfile) -> Option<Self> {
        let check = dockerfile
            .made()
            .filter(|(_, one)| matches!(one.kind, Kind::Healthcheck(_)))
            .last()?
            .1;
        let Kind::Healthcheck(Some(command)) = &check.kind else {
            return None;
        };
        let line = match command {
            Command::Exec(words) => words.join(" "),
            Command::Shell(word) => word.text.clone(),
        };
        let rest = line.split("http://").nth(1)?;
        let address = rest.split([' ', '"', '\'', ')', '|', ';', '\\']).next()?;
        let (host, path) = address.split_once('/').unwrap_or((address, ""));
        let path = format!("/{}", path.split('?').next().unwrap_or_default());
        let port = match host.split_once(':') {
            Some((_, port)) => port.parse().ok()?,
            None => 80,
        };
        if path.contains('$') {
            return None;
        }
        let flag = |name: &str| value(check, name);
        Some(Self {
            port,
            path,
            period: flag("interval").and_then(|text| duration_secs(&text)),
            timeout: flag("timeout").and_then(|text| duration_secs(&text)),
            retries: flag("retries").and_then(|text| text.parse().ok()),
        })
    }

    fn shown(&self) -> String {
        format!("port {}, {}", self.port, self.path)
    }

    fn probe(&self) -> Fresh {
        let mut entries = vec![(
            "httpGet".to_owned(),
            Fresh::map([
                ("path", Fresh::plain(&self.path)),
                ("port", Fresh::plain(self.port)),
            ]),
        )];
        for (key, value) in [
            ("periodSeconds", self.period),
            ("timeoutSeconds", self.timeout),
            ("failureThreshold", self.retries),
        ] {
            entries.extend(value.map(|value| (key.to_owned(), Fresh::plain(value))));
        }
        Fresh::Map(entries)
    }
}

fn value(instruction: &Instruction, name: &str) -> Option<String> {
    instruction
        .flags
        .iter()
        .find(|flag| flag.name == name)?
        .value
        .as_ref()
        .map(|word| word.text.clone())
}
