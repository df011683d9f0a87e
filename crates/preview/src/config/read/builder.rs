//! Pods in which images are built.

use boatyard_plan::document::{Findings, Section};

use super::cluster::amount;
use crate::config::Builder;

/// What one has that is given nothing else.
const CPU: &str = "500m";
const MEMORY: &str = "2Gi";

/// `[cluster.builder]`; none: images are built on the server's machine.
pub(super) fn read(cluster: &Section<'_>, findings: &mut Findings) -> Option<Builder> {
    let table = cluster.section("builder", findings)?;
    table.only(
        &["namespace", "image", "mounts", "storage", "cpu", "memory"],
        findings,
    );
    if !table.has("namespace") {
        findings
            .key(&table.path, "no namespace is named")
            .with_label("builders are admitted where environments are not")
            .with_help("namespace = \"builders\", one of their own");
    }
    let namespace = table.string("namespace", findings);
    Some(Builder {
        namespace: namespace.unwrap_or_default(),
        image: table.string("image", findings),
        mounts: table.boolean("mounts", findings).unwrap_or(false),
        storage: amount(&table, "storage", findings),
        cpu: amount(&table, "cpu", findings).unwrap_or_else(|| CPU.to_owned()),
        memory: amount(&table, "memory", findings).unwrap_or_else(|| MEMORY.to_owned()),
    })
}
