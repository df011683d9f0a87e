//! A host for each environment.

use boatyard_plan::document::{Findings, Section};

use super::times::positive;
use crate::config::Hosts;

/// `[cluster.hosts]`; none: one wildcard host leads to this server.
pub(super) fn read(cluster: &Section<'_>, findings: &mut Findings) -> Option<Hosts> {
    let table = cluster.section("hosts", findings)?;
    let keys = [
        "service",
        "port",
        "ingress-class",
        "gateway",
        "tls-secret",
        "annotations",
    ];
    table.only(&keys, findings);
    let service = table.string("service", findings);
    if service.is_none() && !table.has("service") {
        findings
            .key(&table.path, "no Service is named")
            .with_label("each host leads to it")
            .with_help("service = ..., the Service of this server in the namespace that it is in");
    }
    let secret = table.string("tls-secret", findings);
    if let Some(text) = secret.as_ref().filter(|_| table.has("gateway")) {
        findings
            .value(
                &table.path("tls-secret"),
                format!("\"{text}\" is for an Ingress"),
            )
            .with_label("a Gateway has its certificates itself");
    }
    Some(Hosts {
        service: service.unwrap_or_default(),
        port: port(&table, findings),
        class: table.string("ingress-class", findings),
        gateway: table.string("gateway", findings),
        secret,
        annotations: table
            .strings_by_key("annotations", findings)
            .into_iter()
            .map(|(_, name, text)| (name.to_owned(), text))
            .collect(),
    })
}

fn port(table: &Section<'_>, findings: &mut Findings) -> Option<u16> {
    let number = positive(table, "port", findings)?;
    let port = u16::try_from(number).ok();
    if port.is_none() {
        findings
            .value(&table.path("port"), format!("there is no port {number}"))
            .with_label("at most 65535");
    }
    port
}
