//! Words about builds of what nobody trusts.

use boatyard_plan::sources::Source;
use clap::Args;

/// How a build is confined.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Building what nobody trusts")]
pub struct Confining {
    /// Whether, and whose build it is.
    #[arg(
        long,
        value_name = "NAME",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        help = "Build what nobody trusts: its commands reach the Python index and the mirror of Debian of this machine, its images \
                are of Docker Hub, and nothing else is reached. Caches are shared with builds of the same NAME only"
    )]
    pub confined: Option<String>,

    /// A host whose packages it may fetch as well: NAME, *.NAME or an address, and :PORT if it is not that of http or https;
    /// "none": no host at all
    #[arg(long, value_name = "HOST", requires = "confined", value_parser = allowed)]
    pub source: Vec<Allowed>,

    /// A registry whose images it may start from as well
    #[arg(long, value_name = "HOST", requires = "confined")]
    pub registry: Vec<Source>,
}

/// A host whose packages may be fetched, or none at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// None, those of this machine included.
    None,
    /// This one.
    Host(Source),
}

fn allowed(text: &str) -> Result<Allowed, String> {
    if text == "none" {
        return Ok(Allowed::None);
    }
    let source: Result<Source, _> = text.parse();
    source.map(Allowed::Host).map_err(|error| error.to_string())
}
