//! D13: caches of installers stay in the image.

use boatyard_plan::dockerfile::{Instruction, Kind};

use super::command::{Packages, all};
use super::left::left;
use super::{Fixing, Rule};
use crate::dockerfile::Dockerfile;
use crate::edit::Edit;
use crate::finding::Severity;
use crate::image::What;
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "D13",
    severity: Severity::Warning,
    title: "the cache of the installer stays in the image",
    why: "Every wheel is in the image twice: once installed, once as downloaded. Nothing in a container ever uses the second.",
    mend: "add --no-cache-dir (pip) or --no-cache (uv), or mount a cache on the .cache of the home: --mount=type=cache",
    fix: Fixing::Safe,
    same_as: "hadolint DL3042",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    left(&RULE, &What::Cache, workspace, report);
    for (document, dockerfile) in workspace.dockerfiles() {
        for (stage, instruction, script) in dockerfile.runs() {
            if !dockerfile.is_kept(stage) {
                continue;
            }
            let removes = all(script).iter().any(|simple| {
                matches!(simple.program(), Some("rm"))
                    && simple.words.iter().any(|word| word.raw.contains(".cache"))
            });
            for simple in all(script) {
                let Some(one) = Packages::of(simple) else {
                    continue;
                };
                let (what, flag, variable) = match (one.manager, one.verb) {
                    (_, "install" | "download" | "wheel") if one.is_pip() => {
                        ("pip", "--no-cache-dir", "PIP_NO_CACHE_DIR")
                    }
                    ("uv", "install" | "sync") => ("uv", "--no-cache", "UV_NO_CACHE"),
                    _ => continue,
                };
                let told = simple
                    .words
                    .iter()
                    .any(|word| word.raw.starts_with("--no-cache") || word.raw == "-n");
                let given = simple.assignments.iter().any(|one| one.name == variable)
                    || sets(dockerfile, variable)
                    || purged(script, what);
                if told || given || removes || caches(instruction) {
                    continue;
                }
                report
                    .add(
                        &RULE,
                        &document.path,
                        simple.span.clone(),
                        format!("the cache of {what} stays in the layer"),
                    )
                    .help(format!("add {flag}"))
                    .safe([Edit::insert(
                        &document.path,
                        one.after_verb(),
                        format!(" {flag}"),
                    )]);
            }
        }
    }
}

/// Whether something is mounted on a home or on the cache in it.
fn caches(instruction: &Instruction) -> bool {
    let mounts = instruction.flags.iter().filter(|flag| flag.name == "mount");
    mounts.filter_map(|flag| flag.value.as_ref()).any(|value| {
        value.text.contains(".cache")
            || value.text.split(',').any(|field| field.ends_with("=/root"))
    })
}

fn purged(script: &crate::shell::Script, what: &str) -> bool {
    all(script).iter().any(|simple| {
        Packages::of(simple).is_some_and(|one| {
            one.verb == "cache"
                && (one.is_pip() == (what == "pip"))
                && (simple.has("purge") || simple.has("clean"))
        })
    })
}

/// Whether the stages of the image set `variable` to something that means yes.
pub(super) fn sets(dockerfile: &Dockerfile, variable: &str) -> bool {
    dockerfile
        .made()
        .any(|(_, instruction)| match &instruction.kind {
            Kind::Env(pairs) | Kind::Arg(pairs) => pairs.iter().any(|pair| {
                let value = pair
                    .value
                    .as_ref()
                    .map_or("", |value| value.text.trim_matches(['"', '\'']));
                pair.name.text == variable && !matches!(value, "" | "0" | "false" | "off" | "no")
            }),
            _ => false,
        })
}
