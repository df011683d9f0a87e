//! S02: work that belongs into a job is done at each start.

use boatyard_plan::secret::hidden;

use super::starting::is_start_script;
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::report::Report;
use crate::shell::{Simple, simples};
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "S02",
    severity: Severity::Error,
    title: "migrations and other one-off work in a start script",
    why: "Every replica does it at every start: two at once migrate one database, a restart in the night does it again, and a failed one keeps \
          the container from starting so that the old version is gone, too.",
    mend: "make it a job that runs once before a deploy: [job.migrate] with when = \"before-deploy\" in boatyard.toml, or a Kubernetes Job",
    fix: Fixing::Never,
    same_as: "",
    check,
};

/// What is done of files.
pub(super) const COLLECTS: &str = "collects files, which belongs into the build,";
/// What is done of packages.
pub(super) const INSTALLS: &str = "installs packages";

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, script) in workspace.scripts() {
        if !is_start_script(workspace, document) {
            continue;
        }
        simples(&script.items, &mut |simple, _| {
            // What is asked for by name (`entrypoint.sh migrate`) is a job: it ends the script.
            if let Some(what) = work(simple).filter(|_| simple.program() != Some("exec")) {
                let message = format!("{what} at every start of every replica");
                let finding = report.add(&RULE, &document.path, simple.span.clone(), message);
                if what == COLLECTS || what == INSTALLS {
                    finding.help("do it in the build of the image, and remove it here");
                } else if let Some(command) = document
                    .text
                    .get(simple.span.clone())
                    .filter(|command| hidden(command) == **command)
                {
                    finding.help(format!(
                        "make it a job that runs once before a deploy. In boatyard.toml: [job.migrate] with command = {} and when = \"before-deploy\"; or a Kubernetes Job",
                        toml(command)
                    ));
                }
            }
        });
    }
}

/// What a command does once for all, if it does.
pub(super) fn work(simple: &Simple) -> Option<&'static str> {
    let raws: Vec<&str> = simple
        .words
        .iter()
        .map(|word| word.raw.rsplit('/').next().unwrap_or(&word.raw))
        .collect();
    let pair = |a: &str, b: &str| raws.windows(2).any(|two| two[0] == a && two[1] == b);
    let has = |word: &str| raws.contains(&word);
    let django = has("manage.py") || has("django-admin");
    if (django && (has("migrate") || has("syncdb")))
        || pair("flask", "db") && has("upgrade")
        || (has("alembic") && has("upgrade"))
        || pair("db", "migrate")
        || has("db:migrate")
    {
        Some("migrates the database")
    } else if django && (has("collectstatic") || has("compilemessages") || has("compress")) {
        Some(COLLECTS)
    } else if django && (has("loaddata") || has("createsuperuser") || has("createcachetable"))
        || has("db:seed")
        || has("initdb") && has("airflow")
    {
        Some("writes first data")
    } else if django && (has("clear_cache") || has("clearsessions") || has("flush"))
        || (has("redis-cli") && (has("flushall") || has("FLUSHALL") || has("flushdb")))
    {
        Some("clears a cache")
    } else if matches!(raws.first(), Some(&("pip" | "pip3"))) && has("install")
        || matches!(raws.first(), Some(&("apt-get" | "apk")))
    {
        Some(INSTALLS)
    } else {
        None
    }
}

/// A string of TOML.
fn toml(text: &str) -> String {
    if text.contains(['\'', '\n']) {
        serde_json::Value::from(text).to_string()
    } else {
        format!("'{text}'")
    }
}
