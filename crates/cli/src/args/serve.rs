//! Words about preview environments.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

/// What is served, and where.
#[derive(Args, Clone, Debug)]
pub struct Serve {
    /// What is watched, and how: a TOML file [default: serve.toml, if it is here]
    #[arg(long, value_name = "FILE", conflicts_with = "repositories")]
    pub config: Option<PathBuf>,

    /// Watch every branch of this Git repository, a folder or a URL, without a file
    #[arg(long = "repository", value_name = "WHERE")]
    pub repositories: Vec<String>,

    /// Where to listen, instead of where the file says [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,

    /// Tell the collector of OpenTelemetry at this address what takes how long
    #[arg(long, value_name = "URL")]
    pub otlp: Option<String>,
}
