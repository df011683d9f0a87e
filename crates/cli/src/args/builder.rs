//! Words about pods in which images are built.

use clap::{Args, Subcommand};

/// Where `deploy --push` builds.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Building in a pod")]
pub struct Builders {
    /// Build in a pod of that namespace, which is made if it is not there, and not on this machine
    #[arg(
        long,
        value_name = "NAMESPACE",
        requires = "push",
        conflicts_with = "watch"
    )]
    pub builder: Option<String>,

    /// The image that the pod runs: one with boatyard in it [default: in a pod that of the pod]
    #[arg(long, value_name = "IMAGE", requires = "builder")]
    pub builder_image: Option<String>,

    /// Let the pod make mounts and namespaces: faster, and what --confined takes; the namespace has to admit the privileged
    #[arg(long, requires = "builder")]
    pub builder_mounts: bool,

    /// Keep what is built on a volume of that size, so that the next pod finds it [default: it goes with the pod]
    #[arg(long, value_name = "SIZE", requires = "builder")]
    pub builder_storage: Option<String>,

    /// The processors that are kept for the pod
    #[arg(long, value_name = "CPU", requires = "builder", default_value = "500m")]
    pub builder_cpu: String,

    /// The memory of the pod
    #[arg(
        long,
        value_name = "MEMORY",
        requires = "builder",
        default_value = "2Gi"
    )]
    pub builder_memory: String,
}

/// What is done in such a pod, for whoever has made it. The other words come by standard input.
#[derive(Debug, Subcommand)]
pub enum Inside {
    /// Be there, until nobody has done anything here for so long
    Keep {
        /// Seconds
        #[arg(long, value_name = "SECONDS")]
        idle: u64,
    },
    /// Build what comes in
    Build,
    /// Pull what only a login can
    Pull,
    /// Push what was built
    Push,
}
