//! Listens here, and finds a pod for each connection.

use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select, select_all};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt as _;
use kube::api::Portforwarder;
use tokio::net::{TcpListener, TcpStream};

use super::carry::carry;
use super::error::Error;
use super::port::Port;
use crate::connect::Cluster;
use crate::deploy::Stop;
use crate::owner::Owner;
use crate::process::{self, Whose, container, newest};

/// How soon a pod is looked for again.
const AGAIN: Duration = Duration::from_millis(500);

/// What is wished.
#[derive(Clone, Debug)]
pub struct Wish {
    /// To pods of which role.
    pub process: String,
    /// Which ports; none: the first that its container names, the same here.
    pub ports: Vec<Port>,
    /// Where it is listened.
    pub address: IpAddr,
}

/// What is told.
#[derive(Debug)]
pub enum Told<'a> {
    /// A port here leads to one there.
    Open {
        /// Here.
        address: SocketAddr,
        /// There.
        remote: u16,
    },
    /// A connection came to nothing, or broke.
    Failed {
        /// There.
        remote: u16,
        /// Why.
        why: &'a str,
    },
}

/// Leads connections to pods until `stop`. Then all of them are closed.
pub async fn forward(
    cluster: &Cluster,
    owner: &Owner,
    wish: &Wish,
    stop: &Stop,
    tell: &(dyn Fn(&Told<'_>) + Sync),
) -> Result<(), Error> {
    let whose = Whose::Process(owner.clone(), wish.process.clone());
    to(cluster, &whose, wish, stop, tell).await
}

/// The same to pods that are found otherwise; `process` is what they are called.
pub async fn to(
    cluster: &Cluster,
    whose: &Whose,
    wish: &Wish,
    stop: &Stop,
    tell: &(dyn Fn(&Told<'_>) + Sync),
) -> Result<(), Error> {
    cluster.reach().await?;
    // What is known of the pod is not kept for as long as this leads to it.
    let ports = {
        let pod = newest(cluster, whose).await?;
        match (wish.ports.as_slice(), first_port(&pod)) {
            ([], Some(port)) => vec![port],
            ([], None) => {
                let process = wish.process.clone();
                return Err(Error::NoPort { process });
            }
            (ports, _) => ports.to_vec(),
        }
    };
    let mut listeners = Vec::new();
    for port in ports {
        let address = SocketAddr::new(wish.address, port.local);
        let failed = |source| Error::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        listeners.push((listener, address, port.remote));
    }
    for &(_, address, remote) in &listeners {
        tell(&Told::Open { address, remote });
    }
    // Those that are open are closed when this is dropped.
    let mut open = FuturesUnordered::new();
    let mut stopped = pin!(stop.asked());
    loop {
        let news = {
            let news = pin!(news(&listeners, &mut open));
            match select(news, &mut stopped).await {
                Either::Left((news, _)) => news,
                Either::Right(_) => return Ok(()),
            }
        };
        match news {
            News::Came(stream, remote) => {
                let led = lead(cluster, whose, remote, stream);
                open.push(async move { (remote, led.await) });
            }
            News::Ended(remote, Err(why)) => tell(&Told::Failed { remote, why: &why }),
            News::Ended(_, Ok(())) => {}
            // None is left for it: one that ends makes room.
            News::Refused => tokio::time::sleep(AGAIN).await,
        }
    }
}

/// What happens to connections.
enum News {
    Came(TcpStream, u16),
    /// This machine gives us none.
    Refused,
    Ended(u16, Result<(), String>),
}

type Listening = (TcpListener, SocketAddr, u16);

async fn news(
    listeners: &[Listening],
    open: &mut FuturesUnordered<impl Future<Output = (u16, Result<(), String>)>>,
) -> News {
    let accepted = listeners.iter().map(|(listener, _, remote)| {
        Box::pin(async {
            match listener.accept().await {
                Ok((stream, _)) => News::Came(stream, *remote),
                Err(_) => News::Refused,
            }
        })
    });
    let accepted = select_all(accepted).map(|(news, ..)| news);
    if open.is_empty() {
        return accepted.await;
    }
    match select(accepted, open.next()).await {
        Either::Left((news, _)) => news,
        Either::Right((ended, _)) => {
            let (remote, ended) = ended.expect("it is not empty");
            News::Ended(remote, ended)
        }
    }
}

/// The port that the container of the process names first.
fn first_port(pod: &Pod) -> Option<Port> {
    let name = container(pod)?;
    let mut containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    let ports = containers.find(|one| one.name == name)?.ports.as_ref()?;
    let remote = u16::try_from(ports.first()?.container_port).ok()?;
    Some(Port {
        local: remote,
        remote,
    })
}

async fn lead(
    cluster: &Cluster,
    whose: &Whose,
    remote: u16,
    stream: TcpStream,
) -> Result<(), String> {
    let (pod, forwarder) = opened(cluster, whose, remote).await?;
    let carried = carry(forwarder, remote, stream).await;
    carried.map_err(|why| format!("{pod}: {why}"))
}

/// A way to a pod that is there now. Where none is (one goes, another comes) it is waited for.
async fn opened(
    cluster: &Cluster,
    whose: &Whose,
    remote: u16,
) -> Result<(String, Portforwarder), String> {
    let begin = Instant::now();
    loop {
        let why = match once(cluster, whose, remote).await {
            Ok(opened) => return Ok(opened),
            Err(error) => chain(&error),
        };
        if begin.elapsed() > cluster.calls().limits().call {
            return Err(why);
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn once(
    cluster: &Cluster,
    whose: &Whose,
    remote: u16,
) -> Result<(String, Portforwarder), process::Error> {
    let pod = newest(cluster, whose).await?.name_any();
    let pods = cluster.lasting::<Pod>();
    let doing = format!("reach port {remote} of {pod}");
    let ports = [remote];
    let opened = cluster.calls().once(doing, pods.portforward(&pod, &ports));
    let opened = opened.await?;
    Ok((pod, opened))
}

fn chain(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_port_is_the_processs_own() {
        let pod = |ports| -> Pod {
            serde_json::from_value(json!({
                "metadata": {"name": "a", "labels": {"app.kubernetes.io/component": "web"}},
                "spec": {"containers": [
                    {"name": "proxy", "ports": [{"containerPort": 15000}]}, {"name": "web", "ports": ports},
                ]},
            }))
            .unwrap()
        };
        let port = |ports| first_port(&pod(ports)).map(|port| (port.local, port.remote));
        assert_eq!(
            port(json!([{"containerPort": 8080}, {"containerPort": 9090}])),
            Some((8080, 8080))
        );
        assert_eq!(port(json!([])), None);
    }
}
