//! From names to addresses, without the C library: a static program cannot load what its resolver needs.
//!
//! ```text
//! /etc/hosts --addresses--> found
//! /etc/resolv.conf --Config::parse--> Config --candidates("db")--> "db.shop.svc.cluster.local", ..., "db"
//! candidate --question--> bytes --server--> bytes --reply--> Reply
//! ```
//!
//! Nothing here asks anybody: the program does, in `src/pid1/lookup.rs`. As in musl, and in glibc with `hosts: files dns`;
//! no other source is known.

mod config;
mod hosts;
mod message;

pub use config::Config;
pub use hosts::addresses;
pub use message::{Kind, Reply, question, reply};
