//! Makes images and runs containers.

pub mod debian;
pub mod host;
pub mod init_binary;
pub mod network;
pub mod sandbox;
mod sys;
