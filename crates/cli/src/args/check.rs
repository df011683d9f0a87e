//! `boatyard check`

use std::path::PathBuf;

use boatyard_plan::reference::Reference;
use clap::{Args, ValueEnum};

/// The words of `check`.
#[derive(Args, Debug)]
pub struct Check {
    /// Files and folders [default: this folder]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Check an image that is built, in place of files: its settings, history and layers
    #[arg(long, value_name = "IMAGE", conflicts_with_all = ["paths", "fix", "diff"])]
    pub image: Option<Reference>,

    /// Mend what can be proven to be safe
    #[arg(long)]
    pub fix: bool,

    /// With --fix or --diff: make edits that somebody has to look at, too
    #[arg(long = "unsafe")]
    pub suggested: bool,

    /// Show what --fix would change, and change nothing
    #[arg(long, conflicts_with = "fix")]
    pub diff: bool,

    /// How to tell: text, json, sarif, github, gitlab, junit
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    pub format: Option<Format>,

    /// Tell findings of this severity and above: info, warning, error
    #[arg(
        long,
        value_name = "SEVERITY",
        default_value = "info",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub severity: Level,

    /// Fail from this severity on [default: warning]
    #[arg(
        long,
        value_name = "SEVERITY",
        default_value = "warning",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub threshold: Level,

    /// Leave out these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub ignore: Vec<String>,

    /// What the images are for: docker or k8s [default: both]
    #[arg(long, value_name = "VARIANT", hide_possible_values = true)]
    pub variant: Option<Variant>,

    /// Leave out the findings that FILE knows
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Write a FILE that knows all findings, for --baseline
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline", "fix", "diff"])]
    pub write_baseline: Option<PathBuf>,

    /// Write a plan to mend all of it, step by step; with FILE, bring the plan in it up to date
    #[arg(
        long,
        value_name = "FILE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "-",
        conflicts_with_all = ["image", "fix", "diff", "write_baseline", "baseline", "format"]
    )]
    pub plan: Option<PathBuf>,

    /// Say what a rule is about, and check nothing; "all" lists them
    #[arg(long, value_name = "RULE", exclusive = true)]
    pub explain: Option<String>,
}

/// How findings are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, with the text underlined
    Text,
    /// As --json
    Json,
    /// SARIF 2.1.0, with fixes: code hosts show it beside the lines
    Sarif,
    /// Commands for GitHub's runners
    Github,
    /// GitLab's report of code quality
    Gitlab,
    /// Tests that failed
    Junit,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// Good to know
    Info,
    /// Costs something some day
    Warning,
    /// Breaks, loses or gives away something
    Error,
}

/// What images are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Variant {
    /// Docker, Compose, Podman
    Docker,
    /// Kubernetes
    K8s,
}
