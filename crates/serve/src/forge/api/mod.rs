//! The REST interfaces of GitHub, Gitea and GitLab: about ten requests, blocking.

pub(crate) mod agent;
mod answer;
mod client;
mod deploy;
mod http;
mod hub;
mod lab;
mod path;
mod react;
mod tell;
mod trust;

pub use client::Client;
pub use react::Reaction;
