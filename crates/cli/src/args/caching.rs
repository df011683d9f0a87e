//! Words about caches that machines share.

use clap::Args;

/// Where results of steps come from and go to.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Building")]
pub struct Caching {
    /// Take what was done elsewhere.
    #[arg(long, value_name = "DIR|type=TYPE,...")]
    #[arg(
        help = "Take what was done elsewhere: a folder, type=local,src=DIR or type=registry,ref=NAME; may be said several times"
    )]
    pub cache_from: Vec<String>,

    /// Keep what was done for other machines.
    #[arg(long, value_name = "DIR|type=TYPE,...")]
    #[arg(
        help = "Keep what was done for other machines, cache mounts included: a folder, type=local,dest=DIR or \
                type=registry,ref=NAME, with mode=min|max, mounts=true|false, max-bytes=N"
    )]
    pub cache_to: Vec<String>,
}
