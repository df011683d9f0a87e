//! A Kubernetes cluster for tests.
//!
//! ```no_run
//! use boatyard_kubetest::{Behaviour, Cluster};
//!
//! let Some(cluster) = Cluster::shared() else { return }; // it has said why
//! let namespace = cluster.namespace();
//! namespace.script("migrate", Behaviour::exits(3, "no such table"));
//! cluster.block_on(async { /* namespace.client() speaks to a real API server */ });
//! ```
//!
//! API server, controllers and scheduler are real: the program that `tools/kubetest/build` makes, started once for each
//! test binary, on ports of the loopback device, with an authority of its own. The node is [`kubelet`]: it runs nothing
//! and says of each pod what a script wants. [`Cluster::node`] has a real one in its place, which runs pods. All of it
//! ends with the test binary, however that ends. What goes wrong with clusters can be made to go wrong: etcd is paused or forgets,
//! the API server is killed and comes back, a [`Detour`] to it loses what goes over it, and on a [`Relay`] calls fail and watches lie.
//!
//! | variable | means |
//! |---|---|
//! | `BOATYARD_KUBETEST` | the program, if it is not the one that `tools/kubetest/build` made |
//! | `BOATYARD_KUBETEST_CACHE` | where that one is kept |
//! | `BOATYARD_KUBETEST_CLUSTER=existing` | use the cluster that `KUBECONFIG` names; tests with scripts do not run there |

mod audit;
mod authority;
mod child;
mod cluster;
mod control;
mod detour;
mod expected;
mod fault;
mod find;
mod gateway;
pub mod kubelet;
mod namespace;
mod node;
mod port;
mod program;
mod relay;
mod start;
mod sweep;

pub use audit::Used;
pub use cluster::Cluster;
pub use detour::Detour;
pub use expected::is_expected;
pub use kubelet::Behaviour;
pub use namespace::Namespace;
pub use node::Inside;
pub use program::kubectl;
pub use relay::{End, Fault, Relay};
