//! Words about building.

use std::path::PathBuf;

use boatyard_plan::project::Base;
use clap::Args;

/// What to build.
#[derive(Args, Debug)]
#[expect(clippy::struct_field_names, reason = "each is called like its flag")]
pub struct Build {
    /// Services of the project [default: all], or one release: NAME==VERSION, NAME[EXTRA]==VERSION, ./FILE.whl
    #[arg(value_name = "SERVICE|RELEASE")]
    pub what: Vec<String>,

    /// Build a Dockerfile (not there yet)
    #[arg(short, long, value_name = "FILE", hide = true)]
    pub file: Option<PathBuf>,

    /// How to build.
    #[command(flatten)]
    pub manner: Manner,

    /// Python version of a release, e.g. 3.11
    #[arg(long, value_name = "3.N", help_heading = "Releases")]
    pub python: Option<String>,

    /// What the image of a release starts from [default: Debian without documentation]
    #[arg(long, value_name = "BASE", value_parser = base, help_heading = "Releases")]
    pub base: Option<Base>,

    /// Debian package that a release needs when it runs
    #[arg(long, value_name = "NAME", help_heading = "Releases")]
    pub package: Vec<String>,

    /// Debian package that a release needs when it is compiled
    #[arg(long, value_name = "NAME", help_heading = "Releases")]
    pub build_package: Vec<String>,

    /// Program of a release that the image runs [default: the one with the release's name, else its only one]
    #[arg(long, value_name = "PROGRAM", help_heading = "Releases")]
    pub entry_point: Option<String>,

    /// File with versions that a release must keep to
    #[arg(long, value_name = "FILE", help_heading = "Releases")]
    pub constraint: Vec<String>,
}

/// How to build.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Building")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Manner {
    /// One image after the other, for small machines
    #[arg(long)]
    pub serial: bool,

    /// Do every step again
    #[arg(long)]
    pub no_cache: bool,

    /// Look for newer packages and images than those that bases were made from
    #[arg(long)]
    pub pull: bool,

    /// When a step fails, open a shell in the state before it
    #[arg(long)]
    pub debug_shell: bool,

    /// Use package indexes that have expired.
    #[arg(
        long,
        help = "Use package indexes that have expired, as those of a mirror that stands still \
                [also: BOATYARD_IGNORE_VALID_UNTIL]"
    )]
    pub ignore_valid_until: bool,
}

fn base(text: &str) -> Result<Base, String> {
    let project = format!("[project]\nname = \"x\"\n[image]\nbase = {text:?}\n");
    match boatyard_plan::project::parse(&project) {
        Ok(project) => Ok(project.image.base),
        Err(mistakes) => Err(mistakes
            .into_iter()
            .next()
            .map(|mistake| mistake.message)
            .unwrap_or_default()),
    }
}
