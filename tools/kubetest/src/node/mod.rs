//! A real node: containerd and runc run pods, kube-proxy leads to services, a registry has the images.
//!
//! ```text
//! /tmp/kubetest-XXXXXX   all files; also the name of a control group in each hierarchy
//! a network namespace    in which everything is, the tests' threads, too, while they are inside
//! |  10.99.0.1           the node, on a bridge without ports
//! |  10.99.0.1:53        names of services
//! |  10.96.0.1:443       the API server, as pods reach it
//! |  127.0.0.1:5000      the registry
//! |  10.244.0.0/24       pods, each on a pair of devices of its own
//! |  10.96.0.0/16        services: rules of nftables in this namespace only
//! '- a mount and process namespace   containerd, kubelet and what they start, with /run, /var/lib and /var/log of its own
//! ```
//!
//! Namespaces end with their last process, and with them devices, rules and mounts. The first process of the process
//! namespace is killed when the test process ends (`PR_SET_PDEATHSIG`), and the kernel kills all others with it.
//!
//! It was run with control groups of version 1, some of version 2 beside them. With version 2 alone it was not: a controller is in one
//! hierarchy for the whole machine, so whoever has `cpu` and `memory` in version 1 would have to take them away from all that runs (kernel,
//! `admin-guide/cgroup-v2`, "Mounting"). There the kubelet also wants controllers to be on in `cgroup.subtree_control` above [`groups`].

mod group;
pub mod names;
mod permit;
mod place;
mod settings;

pub use group::make as groups;
pub use permit::check;
pub use place::{Inside, Place};
pub use settings::{ADDRESS, NAME, REGISTRY, REGISTRY_OF_PODS, components, socket};
