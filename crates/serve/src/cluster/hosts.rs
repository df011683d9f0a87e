//! Hosts of environments that lead to this server, where there is none for all of them.

use std::collections::BTreeSet;

use boatyard_cluster::Refusal;
use boatyard_cluster::hosts::{Host, Target, lead};
use boatyard_preview::config;

use super::realm::Realm;

impl Realm {
    /// Has a host below `domain` lead to this server, which listens on `port`, for each of the labels and for no other. None: one
    /// host for all leads to it.
    pub(super) async fn lead_hosts(
        &self,
        labels: &BTreeSet<String>,
        domain: &str,
        port: u16,
    ) -> Option<Result<(), Refusal>> {
        let hosts = self.terms.config.hosts.as_ref()?;
        let target = Target {
            server: self.server().to_owned(),
            service: hosts.service.clone(),
            port: hosts.port.unwrap_or(port),
            class: hosts.class.clone(),
            gateway: hosts.gateway.clone(),
            annotations: hosts.annotations.clone(),
        };
        let wanted: Vec<Host> = labels
            .iter()
            .map(|label| host(hosts, label, domain))
            .collect();
        Some(Box::pin(lead(&self.terms.cluster, &target, &wanted)).await)
    }
}

fn host(hosts: &config::Hosts, label: &str, domain: &str) -> Host {
    Host {
        label: label.to_owned(),
        name: format!("{label}.{domain}"),
        secret: hosts.secret(label),
    }
}
