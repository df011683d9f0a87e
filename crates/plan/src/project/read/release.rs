//! `[release]`: the images of Python releases that are built with this file.

use crate::document::{Findings, Section};
use crate::project::ReleaseTable;
use crate::release::{port, volume};

const KEYS: &[&str] = &[
    "name",
    "entrypoint",
    "constraints",
    "find-links",
    "pip-conf",
    "volumes",
    "ports",
];

/// The table, if there is one.
pub(super) fn read(document: &Section<'_>, findings: &mut Findings) -> Option<ReleaseTable> {
    if !document.has("release") {
        return None;
    }
    let table = document.section("release", findings)?;
    table.only(KEYS, findings);
    let plain = |pairs: Vec<(String, String)>| pairs.into_iter().map(|(_, text)| text).collect();
    Some(ReleaseTable {
        name: table.string("name", findings),
        entrypoint: table.string("entrypoint", findings),
        constraints: plain(table.string_or_strings("constraints", findings)),
        find_links: plain(table.string_or_strings("find-links", findings)),
        pip_conf: table.string("pip-conf", findings),
        volumes: checked(&table, "volumes", volume, findings),
        ports: checked(&table, "ports", port, findings),
    })
}

/// The strings of `key`, each as `check` makes it.
fn checked(
    table: &Section<'_>,
    key: &str,
    check: fn(&str) -> Result<String, &'static str>,
    findings: &mut Findings,
) -> Vec<String> {
    let mut checked = Vec::new();
    for (path, text) in table.strings(key, findings) {
        match check(&text) {
            Ok(text) => checked.push(text),
            Err(problem) => {
                let message = format!("\"{text}\" does not belong among {key}");
                findings.value(&path, message).with_label(problem);
            }
        }
    }
    checked
}
