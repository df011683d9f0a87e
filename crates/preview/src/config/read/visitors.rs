//! What concerns visitors: keys of `[server]`, `[limits]` and `[times]`.

use std::time::Duration;

use boatyard_plan::document::{Findings, Section};

use super::times;
use crate::config::{Network, Visitors};

/// All of them; whoever reads the tables notes what else is in them.
pub(super) fn read(top: &Section<'_>, idle: Option<Duration>, findings: &mut Findings) -> Visitors {
    let mut visitors = Visitors::default();
    // What is no table is noted once, by those.
    let table = |name: &str| top.section(name, &mut Findings::default());
    if let Some(server) = table("server") {
        visitors.proxies = proxies(&server, findings);
    }
    if let Some(limits) = table("limits") {
        if let Some(held) = times::positive(&limits, "held", findings) {
            visitors.held = usize::try_from(held).unwrap_or(usize::MAX);
        }
        if let Some(per_minute) = times::positive(&limits, "per-minute", findings) {
            visitors.per_minute = per_minute;
        }
    }
    if let Some(table) = table("times") {
        if let Some(hold) = times::duration(&table, "hold", findings) {
            visitors.hold = hold;
        }
        if let Some(noted) = times::duration(&table, "noted", findings) {
            visitors.noted = noted;
        } else if let Some(idle) = idle {
            // What nobody says is no mistake in what somebody does.
            visitors.noted = visitors.noted.min((idle / 2).max(Duration::from_millis(1)));
        }
        if visitors.noted.is_zero() {
            findings
                .value(&table.path("noted"), "noted is no time at all")
                .with_label("each request would be written down")
                .with_help("for example \"10s\"");
        }
        if idle.is_some_and(|idle| idle <= visitors.noted) {
            let at = ["noted", "idle"].into_iter().find(|key| table.has(key));
            findings
                .value(
                    &table.path(at.unwrap_or("idle")),
                    "use is noted more seldom than what is not used goes to sleep",
                )
                .with_label("what is used would go to sleep")
                .with_help("make noted shorter than idle");
        }
    }
    visitors
}

fn proxies(server: &Section<'_>, findings: &mut Findings) -> Vec<Network> {
    let mut proxies = Vec::new();
    for (path, text) in server.string_or_strings("proxies", findings) {
        match text.parse() {
            Ok(network) => proxies.push(network),
            Err(reason) => {
                findings
                    .value(
                        &path,
                        format!("\"{text}\" is not an address or a network: {reason}"),
                    )
                    .with_label("which addresses do proxies have?")
                    .with_help(
                        "for example \"127.0.0.1\", or \"10.0.0.0/8\" for all that begin with 10",
                    );
            }
        }
    }
    proxies
}
