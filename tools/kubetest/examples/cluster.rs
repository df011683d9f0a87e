//! A cluster to try things on: prints its KUBECONFIG, and ends when standard input does.
//!
//! ```text
//! cargo run -p boatyard-kubetest --example cluster          the node says of each pod that it is ready, and runs none
//! cargo run -p boatyard-kubetest --example cluster node     a real one (root); enter its network with the line that is printed
//! ```
//!
//! What is written to it happens, and `done` is printed: `restart` kills the API server and starts it again, `compact` lets etcd forget
//! what was before now, `pause SECONDS` stops etcd from answering.

use std::io;
use std::time::Duration;

use boatyard_kubetest::Cluster;
use rustix::thread::gettid;

fn main() {
    let is_real = std::env::args().nth(1).is_some_and(|word| word == "node");
    let cluster = if is_real {
        Cluster::node()
    } else {
        Cluster::shared()
    };
    let Some(cluster) = cluster else {
        // It has said why.
        return;
    };
    println!("export KUBECONFIG={}", cluster.kubeconfig().display());
    let inside = cluster.enter();
    if inside.is_some() {
        let (process, thread) = (std::process::id(), gettid());
        println!("nsenter --net=/proc/{process}/task/{thread}/ns/net");
    }
    for line in io::stdin().lines().map_while(Result::ok) {
        let said = if suffers(cluster, &line) {
            "done"
        } else {
            "restart, compact or pause SECONDS"
        };
        println!("{said}");
    }
}

/// Does it; false: it is not known what.
fn suffers(cluster: &Cluster, line: &str) -> bool {
    match line.split(' ').collect::<Vec<_>>()[..] {
        ["restart"] => cluster.restart_server(),
        ["compact"] => cluster.compact(),
        ["pause", seconds] => match seconds.parse().map(Duration::from_secs_f32) {
            Ok(time) => cluster.while_etcd_is_paused(|| std::thread::sleep(time)),
            Err(_) => return false,
        },
        _ => return false,
    }
    true
}
