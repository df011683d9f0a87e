//! Words about environments of a server.

use std::path::PathBuf;

use boatyard_preview::approval::approves;
use boatyard_preview::snapshot::is_name;
use clap::{Args, Subcommand};

/// What is asked of a server of preview environments.
#[derive(Args, Clone, Debug)]
pub struct Preview {
    /// Which server.
    #[command(flatten)]
    pub server: Named,

    /// What.
    #[command(subcommand)]
    pub verb: Verb,
}

/// Which server, and who asks it.
#[derive(Args, Clone, Debug)]
pub struct Named {
    /// The server.
    #[arg(
        long,
        value_name = "URL",
        global = true,
        help = "The server [default: $BOATYARD_SERVER, else the one that runs here for the same user]"
    )]
    pub server: Option<String>,

    /// The token.
    #[arg(
        long,
        value_name = "FILE",
        global = true,
        help = "The file that the token is in [default: the token is in $BOATYARD_TOKEN; without one, as anybody]"
    )]
    pub token_file: Option<PathBuf>,

    /// Whether anybody may listen.
    #[arg(
        long,
        global = true,
        help = "Send the token to a server that is not on this machine also without encryption"
    )]
    pub plain_http: bool,
}

/// What is asked.
#[derive(Clone, Debug, Subcommand)]
pub enum Verb {
    /// List environments
    Ls(Filter),
    /// Show one environment, and what happened to it
    Show(One),
    /// Have it run, once there is room
    Start(One),
    /// Have it run no more
    Stop(One),
    /// Take everything of it away and make it anew
    Reset(One),
    /// Have it keep its place, whatever else needs it
    Pin(One),
    /// Let it lose its place
    Unpin(One),
    /// Say that this commit of a stranger may be run
    Approve(Approval),
    /// Take everything of it away
    Undeploy(One),
    /// Make a snapshot of its databases and files; it is stopped meanwhile
    Snapshot(Snapshot),
    /// List its snapshots
    Snapshots(One),
    /// Have its databases and files be those of a snapshot; it is stopped meanwhile
    Restore(OneOf),
    /// Remove a snapshot
    Discard(OneOf),
    /// Show what it printed
    Logs(Logs),
    /// Have it run, wait until it answers, and print its address
    Open(One),
}

/// Which environments.
#[derive(Args, Clone, Debug)]
pub struct Filter {
    /// Words that are all somewhere in its branch, title, author or commit
    #[arg(value_name = "TEXT")]
    pub text: Vec<String>,

    /// Of this repository only: acme/shop
    #[arg(long, value_name = "REPOSITORY")]
    pub repository: Option<String>,

    /// Of this branch only
    #[arg(long, value_name = "BRANCH", conflicts_with = "pull_request")]
    pub branch: Option<String>,

    /// Of this pull request only
    #[arg(long, value_name = "NUMBER")]
    pub pull_request: Option<u64>,

    /// In this phase only: running, asleep, failed...
    #[arg(long, value_name = "PHASE")]
    pub phase: Option<String>,
}

/// Which environment.
#[derive(Args, Clone, Debug)]
pub struct One {
    /// Its id, the label of its address, or its address
    #[arg(value_name = "ENVIRONMENT")]
    pub environment: String,
}

/// Which commit may be run.
#[derive(Args, Clone, Debug)]
pub struct Approval {
    /// Which environment.
    #[command(flatten)]
    pub one: One,

    /// The commit that you have read, as its whole id: nothing else is approved
    #[arg(value_name = "COMMIT", value_parser = whole)]
    pub commit: String,
}

/// The whole id of a commit.
fn whole(text: &str) -> Result<String, String> {
    match approves(Some(text), text) {
        Ok(()) => Ok(text.to_ascii_lowercase()),
        Err(why) => Err(format!("{why}; {}", why.help())),
    }
}

/// Which snapshot is made.
#[derive(Args, Clone, Debug)]
pub struct Snapshot {
    /// Which environment.
    #[command(flatten)]
    pub one: One,

    /// What to call it [default: the first of s1, s2... that is free]
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub name: Option<String>,
}

/// Which snapshot.
#[derive(Args, Clone, Debug)]
pub struct OneOf {
    /// Which environment.
    #[command(flatten)]
    pub one: One,

    /// What the snapshot is called
    #[arg(value_name = "NAME", value_parser = name)]
    pub name: String,
}

/// Which log.
#[derive(Args, Clone, Debug)]
pub struct Logs {
    /// Which environment.
    #[command(flatten)]
    pub one: One,

    /// What was printed while it was prepared, instead of what it prints
    #[arg(long)]
    pub prepare: bool,

    /// Go on until Ctrl-C
    #[arg(short, long)]
    pub follow: bool,
}

/// The name of a snapshot.
fn name(text: &str) -> Result<String, String> {
    if is_name(text) {
        return Ok(text.to_owned());
    }
    Err("expected at most 40 lower-case letters, digits, - and _, and no - first".to_owned())
}
