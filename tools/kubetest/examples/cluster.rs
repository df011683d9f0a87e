//! A cluster to try things on: prints its KUBECONFIG, and ends when standard input does.
//!
//! ```text
//! cargo run -p boatyard-kubetest --example cluster          the node says of each pod that it is ready, and runs none
//! cargo run -p boatyard-kubetest --example cluster node     a real one (root); enter its network with the line that is printed
//! ```

use std::io::{self, Read as _};

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
    let _ = io::stdin().read_to_end(&mut Vec::new());
}
