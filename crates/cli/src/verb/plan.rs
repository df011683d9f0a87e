//! `boatyard plan`

use std::fmt::Write as _;

use boatyard_plan::build::{self, BuildPlan};
use boatyard_plan::run::{self, Kind, Probe, Process, RunPlan};
use serde::Serialize;

use crate::answer;
use crate::args::forms::Forms;
use crate::project::{self, Named};
use crate::stopped::Stopped;
use crate::verb::build::{Own, forked};
use crate::verb::revision;
use crate::voice::Voice;

/// What programs learn.
#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    build: BuildPlan,
    /// What `up` would run; absent if only some services were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<RunPlan>,
}

/// Tells what would be built and run, and why.
pub fn run(
    named: Named<'_>,
    services: &[String],
    forms: &Forms,
    voice: &Voice,
) -> Result<(), Stopped> {
    let found = project::find(named)?;
    let mut build = build::plan_services(&found.project, services)?;
    if !forms.variants().is_empty() {
        let (revision, _) = revision::of(&found.folder)?;
        build = forked(&build, &Own::of(&found.project), forms, Some(&revision));
    }
    let run = if services.is_empty() {
        Some(run::plan(&found.project, &[])?)
    } else {
        None
    };
    if voice.json {
        return answer::json(&Answer { build, run });
    }
    let mut text = build::render(&build);
    if let Some(run) = &run {
        text.push_str("\nrun, in one network\n");
        for (index, process) in run.processes.iter().enumerate() {
            let is_last = index + 1 == run.processes.len();
            let branch = if is_last { "└─" } else { "├─" };
            let _ = writeln!(text, "{branch} {}", sentence(process));
        }
    }
    answer::text(&text)
}

/// `web  role on port 8080, after migrate; ready when GET :8080/healthz answers`
fn sentence(process: &Process) -> String {
    let kind = match process.kind {
        Kind::Role => "role",
        Kind::Backing => "backing service",
        Kind::Job => "job",
    };
    let mut text = format!("{}  {kind}", process.name);
    if let Some(port) = process.port.filter(|_| process.publish) {
        let _ = write!(text, " on port {port}");
    }
    if !process.after.is_empty() {
        let _ = write!(text, ", after {}", process.after.join(", "));
    }
    match &process.ready {
        Some(Probe::Http { port, path }) => {
            let _ = write!(text, "; ready when GET :{port}{path} answers");
        }
        Some(Probe::Tcp { port }) => {
            let _ = write!(text, "; ready when port {port} accepts");
        }
        Some(Probe::Exec { line }) => {
            let _ = write!(text, "; ready when {line:?} succeeds");
        }
        None => {}
    }
    text
}
