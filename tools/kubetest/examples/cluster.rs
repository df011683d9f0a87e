//! A cluster to try things on: prints its KUBECONFIG, and ends when standard input does.
//!
//! ```text
//! cargo run -p boatyard-kubetest --example cluster          the node says of each pod that it is ready, and runs none
//! cargo run -p boatyard-kubetest --example cluster node     a real one (root); enter its network with the line that is printed
//! ```
//!
//! Of one that is not real the second line is a way to it of its own. What is written to it, a line each, happens, and `done` is printed:
//!
//! ```text
//! restart         the API server is killed and started again
//! compact         etcd forgets what was before now
//! pause SECONDS   etcd does not answer for that long
//! forget          as restart and compact, while connections over that way are closed and new ones wait, until `pass`: they find that the
//!                 server knows nothing so old as they do (410)
//! ```

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
        io::stdin().lines().for_each(drop);
        return;
    }
    let detour = cluster.detour();
    println!("{}", detour.config().cluster_url);
    while let Some(line) = said() {
        if line == "forget" {
            detour.hold(|| {
                cluster.compact();
                cluster.restart_server();
                println!("done");
                while said().is_some_and(|line| line != "pass") {}
            });
        } else if suffers(cluster, &line) {
            println!("done");
        } else {
            println!("restart, compact, pause SECONDS or forget");
        }
    }
}

/// The next line that is written to it; none: nobody writes any more.
fn said() -> Option<String> {
    io::stdin().lines().next()?.ok()
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
