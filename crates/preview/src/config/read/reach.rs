//! `sources` and `registries` of a repository.

use boatyard_plan::document::{Findings, Section};
use boatyard_plan::sources::Source;

use crate::config::Reach;

/// The word for no host at all.
const NONE: &str = "none";

/// What builds of strangers may fetch from.
pub(super) fn read(table: &Section<'_>, findings: &mut Findings) -> Reach {
    let named = table.string_or_strings("sources", findings);
    let is_none = named.iter().any(|(_, text)| text == NONE);
    if is_none && let [_, (path, _), ..] = &named[..] {
        findings
            .value(path, "sources is \"none\" and names hosts all the same")
            .with_label("which of both?");
    }
    let sources = (!is_none).then(|| hosts(named, findings));
    let registries = table.string_or_strings("registries", findings);
    Reach {
        sources,
        registries: hosts(registries, findings),
    }
}

fn hosts(named: Vec<(String, String)>, findings: &mut Findings) -> Vec<Source> {
    let read = named.into_iter().filter_map(|(path, text)| {
        let host: Result<Source, _> = text.parse();
        host.map_err(|error| {
            findings
                .value(&path, format!("\"{text}\" names no host"))
                .with_label(error.reason)
                .with_help(
                    "for example \"npm.example.org\", \"*.example.org\" or \"10.0.0.5:8080\"",
                );
        })
        .ok()
    });
    read.collect()
}
