//! Kubernetes: what was rendered goes onto a cluster, and is watched until it serves.
//!
//! ```text
//! manifests --order--> apply (as one field manager) --> wait, with reasons --> record as the last good state
//!     |                   before-deploy jobs first            |
//!     '-- dry run: what would change                          '-- on failure: back to the record
//! ```
//!
//! What an API object means is decided by pure functions over what the cluster said ([`rollout`], [`trouble`],
//! [`lease::decide`], [`order`]); the rest calls.

pub mod apply;
pub mod blocking;
pub mod builder;
pub mod connect;
pub mod data;
pub mod deploy;
pub mod difference;
pub mod forward;
pub mod hosts;
pub mod job;
pub mod kubefiles;
pub mod lease;
pub mod log;
pub mod manifest;
pub mod namespace;
pub mod order;
pub mod owner;
mod pages;
pub mod password;
mod plugin;
mod pod;
pub mod process;
pub mod prune;
pub mod record;
pub mod refusal;
pub mod retry;
pub mod rollout;
pub mod runboat;
mod secret;
pub mod trouble;
pub mod undo;
pub mod wait;
pub mod watch;

pub use blocking::Blocking;
pub use connect::Cluster;
pub use manifest::Manifest;
pub use owner::Owner;
pub use refusal::Refusal;
