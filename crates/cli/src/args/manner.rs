//! Words about how to speak.

use clap::{Args, ValueEnum};

use crate::colour;

/// How to speak.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Output")]
pub struct Manner {
    /// Answer in JSON; verbs that take their time print one event per line
    #[arg(long, global = true)]
    pub json: bool,

    /// When to use colours.
    #[arg(
        long,
        global = true,
        help = "When to use colours: auto (on a terminal, unless NO_COLOR is set), always, never",
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub color: colour::When,

    /// How to show progress: auto, tree, plain (one line per event), json, quiet
    #[arg(
        long,
        global = true,
        value_name = "FORM",
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub progress: Progress,

    /// Show results, warnings and failures only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Show details: why each step exists, and those that were done before
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Progress {
    /// A tree on a terminal, else lines
    #[default]
    Auto,
    /// A live tree of steps
    #[value(alias = "tty")]
    Tree,
    /// One line per event
    Plain,
    /// One JSON event per line on standard output
    #[value(alias = "rawjson")]
    Json,
    /// Nothing but warnings and failures
    Quiet,
}
