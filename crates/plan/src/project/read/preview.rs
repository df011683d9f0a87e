//! `[preview]`.

use std::time::Duration;

use super::image;
use crate::document::{Findings, Section, suggestion};
use crate::project::{Job, Preview, Role, When};

/// The table, and that what it names is there.
pub(super) fn read(
    document: &Section<'_>,
    roles: &[Role],
    jobs: &[Job],
    findings: &mut Findings,
) -> Preview {
    let Some(table) = document.section("preview", findings) else {
        return Preview::default();
    };
    table.only(
        &["roles", "seed", "cleanup", "env", "idle", "lifetime"],
        findings,
    );
    let roles: Vec<&str> = roles.iter().map(|role| role.name.as_str()).collect();
    let names: Vec<&str> = jobs.iter().map(|job| job.name.as_str()).collect();
    let preview = Preview {
        roles: known(&table, "roles", ("role", &roles), findings),
        seed: known(&table, "seed", ("job", &names), findings),
        cleanup: known(&table, "cleanup", ("job", &names), findings),
        env: image::env(&table, findings),
        idle: duration(&table, "idle", findings),
        lifetime: duration(&table, "lifetime", findings),
    };
    for (path, name) in table.string_or_strings("seed", &mut Findings::default()) {
        let job = jobs.iter().find(|job| job.name == name);
        if job.is_some_and(|job| job.when == When::BeforeDeploy) {
            findings
                .value(
                    &path,
                    format!("the job {name} is done before a deploy already"),
                )
                .with_label("it would be done twice")
                .with_help("leave it out here, or write when = \"manual\" in the job");
        }
    }
    for (path, name) in table.string_or_strings("cleanup", &mut Findings::default()) {
        let job = jobs.iter().find(|job| job.name == name);
        let other = if preview.seed.contains(&name) {
            "while an environment is prepared"
        } else if job.is_some_and(|job| job.when != When::Manual) {
            "at each deploy"
        } else {
            continue;
        };
        findings
            .value(&path, format!("the job {name} is done {other} already"))
            .with_label("what cleans up is done at the end alone")
            .with_help("name a job of its own, which nothing else has run");
    }
    preview
}

/// Names of what there is.
fn known(
    table: &Section<'_>,
    key: &str,
    (what, names): (&str, &[&str]),
    findings: &mut Findings,
) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (path, name) in table.string_or_strings(key, findings) {
        if !names.contains(&name.as_str()) {
            findings
                .value(&path, format!("there is no {what} \"{name}\""))
                .with_label(format!("not a {what} of this project"))
                .with_suggestion(suggestion(
                    &format!("{what}s"),
                    &name,
                    names.iter().copied(),
                ));
        } else if found.contains(&name) {
            findings
                .value(&path, format!("{name} is named twice"))
                .with_label("given before already");
        }
        found.push(name);
    }
    found
}

fn duration(table: &Section<'_>, key: &str, findings: &mut Findings) -> Option<Duration> {
    let seconds = table.seconds(key, findings)?;
    if seconds == 0 {
        findings
            .value(&table.path(key), format!("{key} is no time at all"))
            .with_label("nobody could use it")
            .with_help("for example \"30m\"");
    }
    Some(Duration::from_secs(seconds))
}
