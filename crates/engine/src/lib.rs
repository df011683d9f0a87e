//! Makes images and runs containers.

pub mod account;
pub mod attest;
pub mod build;
pub mod compare;
pub mod debian;
pub mod dockerfile;
pub mod host;
pub mod init_binary;
pub mod inventory;
mod lines;
mod locked;
pub mod network;
mod process_stat;
mod recover;
pub mod sandbox;
pub mod session;
mod sink;
pub mod snapshot;
mod sys;
pub mod transfer;
pub mod verify;

pub use locked::fetch;
pub use recover::recover;
pub use sink::Sink;
