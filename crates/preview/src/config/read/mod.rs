//! Reading the configuration: text, then tables with places, then what its parts say about each other. Each stage notes
//! mistakes and goes on.

mod access;
mod builder;
mod cluster;
mod document;
mod forge;
mod hosts;
mod kubefiles;
mod login;
mod naming;
mod reach;
mod repository;
mod server;
mod source;
mod times;
mod visitors;

pub use document::parse;
