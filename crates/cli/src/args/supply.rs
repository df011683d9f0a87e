//! Words about where images come from and what is said about them.

use clap::Args;

/// Where images come from and what is said about them.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Supply chain")]
pub struct Supply {
    /// Say in boatyard.lock what the names of bases stand for now
    #[arg(long, conflicts_with_all = ["locked", "update_lock"])]
    pub lock: bool,

    /// Refuse bases that boatyard.lock does not name or that cannot be had as it says
    #[arg(long)]
    pub locked: bool,

    /// Look for newer bases than boatyard.lock names, and write it anew
    #[arg(long, conflicts_with = "locked")]
    pub update_lock: bool,

    /// Say how the image was made, beside it.
    #[arg(long, value_name = "true|false|mode=MODE", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    #[arg(
        help = "Say beside the image how it was made (SLSA provenance): mode=min, or mode=max with arguments"
    )]
    pub provenance: Option<String>,

    /// Say what is in the image, beside it.
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    #[arg(help = "Say beside the image which packages it has (SPDX)")]
    pub sbom: Option<String>,

    /// One of the two, as docker spells it.
    #[arg(long, value_name = "type=TYPE,...")]
    #[arg(help = "The same as docker spells it: type=sbom, type=provenance,mode=max")]
    pub attest: Vec<String>,

    /// Words on the manifest or the index.
    #[arg(long, value_name = "[TYPE:]NAME=VALUE")]
    #[arg(
        help = "Annotation of the image's manifest; index:NAME=VALUE is on an index, manifest-descriptor:NAME=VALUE \
                on the image's entry of it"
    )]
    pub annotation: Vec<String>,
}
