//! Where an environment answers.

use std::net::SocketAddr;

use k8s_openapi::api::core::v1::Service;
use kube::api::ListParams;

use crate::connect::Cluster;
use crate::process::PROCESS;
use crate::refusal::Refusal;

/// The Service of the role that people look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Front {
    /// Where it answers inside of the cluster; its port is that of its pods, as ours have it.
    pub address: SocketAddr,
}

/// The Service of `role` in the cluster's namespace; none: it has none.
pub async fn front(cluster: &Cluster, role: &str) -> Result<Option<Front>, Refusal> {
    let api = cluster.api::<Service>();
    let wanted = ListParams::default().labels(&format!("{PROCESS}={role}"));
    let asked = async || api.list(&wanted).await;
    let all = cluster.calls().call("list services", asked).await?;
    Ok(all.iter().find_map(of))
}

fn of(service: &Service) -> Option<Front> {
    let spec = service.spec.as_ref()?;
    let port = u16::try_from(spec.ports.as_ref()?.first()?.port).ok()?;
    let ip = spec.cluster_ip.as_ref()?.parse().ok()?;
    let address = SocketAddr::new(ip, port);
    Some(Front { address })
}
