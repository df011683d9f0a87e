//! Words about building.

use clap::{Args, ValueEnum};

use super::caching::Caching;
use super::confined::Confining;
use super::dockerfile::Dockerfile;
use super::forms::Forms;
use super::release::Releasing;
use super::supply::Supply;

/// What to build.
#[derive(Args, Debug, Default)]
pub struct Build {
    /// Services of the project [default: all]; or one release: NAME==VERSION, NAME[EXTRA]==VERSION, ./FILE.whl; or the
    /// context of a Dockerfile: a folder, a Git repository's URL, or - for a tar on standard input; or an S2I repository
    #[arg(value_name = "SERVICE|RELEASE|CONTEXT")]
    pub what: Vec<String>,

    /// How to build.
    #[command(flatten)]
    pub manner: Manner,

    /// Where results of steps come from and go to.
    #[command(flatten)]
    pub caching: Caching,

    /// Which forms of images.
    #[command(flatten)]
    pub forms: Forms,

    /// Where images come from and what is said about them.
    #[command(flatten)]
    pub supply: Supply,

    /// What to build from a Dockerfile, and how.
    #[command(flatten)]
    pub dockerfile: Dockerfile,

    /// What is in the image of a release or an S2I repository.
    #[command(flatten)]
    pub releasing: Releasing,
}

/// How to build.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Building")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Manner {
    /// One image after the other, for small machines
    #[arg(long)]
    pub serial: bool,

    /// Images, stages and commands at once [default: images all, the rest as many as there are processors]
    #[arg(long, value_name = "N", conflicts_with = "serial")]
    pub jobs: Option<usize>,

    /// Do every step again
    #[arg(long)]
    pub no_cache: bool,

    /// When to look for newer images and packages than those that bases were made from.
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "always",
        default_value = "missing",
        hide_default_value = true,
        hide_possible_values = true,
        help = "Look for newer packages and images than those that bases were made from: \
                always (also --pull alone), missing, never"
    )]
    pub pull: Pull,

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

    /// Whether it is confined.
    #[command(flatten)]
    pub confining: Confining,
}

/// When images and packages are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Pull {
    /// Each time.
    Always,
    /// If they are not here.
    #[default]
    Missing,
    /// Never.
    Never,
}
