//! The whole file.

use std::time::Duration;

use boatyard_plan::diagnostic::Diagnostic;
use boatyard_plan::document::{self, Findings, Section};

use super::{access, cluster, forge, repository, server, times, visitors};
use crate::config::Config;

const KEYS: &[&str] = &[
    "server",
    "cluster",
    "limits",
    "times",
    "forge",
    "repository",
    "access",
    "logs",
];
const KEEP_LOGS: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What `text`, the content of a configuration, says; or all its mistakes in the order of the text (never none). A text that
/// is not TOML yields only what keeps it from being TOML.
pub fn parse(text: &str) -> Result<Config, Vec<Diagnostic>> {
    let table = document::table(text)?;
    let mut findings = Findings::of(&table);
    let config = read(&Section::new("", &table), &mut findings);
    let (_, mistakes) = findings.finish();
    if mistakes.is_empty() {
        Ok(config)
    } else {
        Err(mistakes)
    }
}

fn read(top: &Section<'_>, findings: &mut Findings) -> Config {
    top.only(KEYS, findings);
    let forges = forge::read(top, findings);
    let keep_logs = top.section("logs", findings).and_then(|logs| {
        logs.only(&["keep"], findings);
        times::duration(&logs, "keep", findings)
    });
    let times = times::times(top, findings);
    Config {
        server: server::read(top, findings),
        cluster: cluster::read(top, findings),
        limits: times::limits(top, findings),
        visitors: visitors::read(top, times.idle, findings),
        times,
        repositories: repository::read(top, &forges, findings),
        // Of two forges at the same place only the first is known, which is noted: the file is refused.
        forges,
        access: access::read(top, findings),
        keep_logs: keep_logs.unwrap_or(KEEP_LOGS),
    }
}
