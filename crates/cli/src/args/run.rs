//! Words about running.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::build::Manner;

/// What to run and how.
#[derive(Args, Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct Up {
    /// Roles to run [default: all]; backing services and jobs that they need come with them
    #[arg(value_name = "ROLE")]
    pub roles: Vec<String>,

    /// Do not run what is scheduled
    #[arg(long)]
    pub no_schedules: bool,

    /// Return once everything is ready, and leave it running
    #[arg(short, long)]
    pub detach: bool,

    /// Stop once everything is ready: images are built, databases made, jobs done, and it is known to answer
    #[arg(long, conflicts_with = "detach")]
    pub until_ready: bool,

    /// Start what was prepared before: without building, and without the jobs around the start
    #[arg(long, conflicts_with = "until_ready")]
    pub prepared: bool,

    /// Do not run that job around the start: its work is done, for example in data that was restored
    #[arg(long, value_name = "JOB")]
    pub skip: Vec<String>,

    /// As in a preview environment: with the roles, jobs and variables of [preview]
    #[arg(long)]
    pub preview: bool,

    /// Do only what cleans up before a preview environment goes: the jobs that [preview] names for that, with the backing services
    #[arg(long, requires = "preview", conflicts_with_all = ["roles", "detach", "until_ready", "skip", "publish"])]
    pub cleanup: bool,

    /// Open a role's port elsewhere on this machine; 0 is any free port
    #[arg(long, value_name = "ROLE=PORT", value_parser = publish)]
    pub publish: Vec<(String, u16)>,

    /// Which network the processes see: one of the project's own, the same without the outside, or this machine's
    #[arg(long, value_enum, default_value_t, value_name = "NETWORK")]
    pub network: Network,

    /// How long a process may take to get ready, e.g. 90s or 2m
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "60s")]
    pub timeout: Duration,

    /// How to build.
    #[command(flatten)]
    pub manner: Manner,
}

/// Which network processes see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Network {
    /// One of the project's own, with a way out.
    #[default]
    Own,
    /// One of the project's own, without the outside.
    Isolated,
    /// This machine's.
    Host,
}

/// `ROLE=PORT`
fn publish(text: &str) -> Result<(String, u16), String> {
    let wrong = || format!("expected ROLE=PORT with a port from 0 to 65535, found {text:?}");
    let (role, port) = text.split_once('=').ok_or_else(wrong)?;
    Ok((role.to_owned(), port.parse().map_err(|_| wrong())?))
}

/// The name of a copy, which is also a tag and part of the names of folders.
pub(super) fn copy(text: &str) -> Result<String, String> {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if text.is_empty() || text.len() > 64 || !text.bytes().all(is_fit) {
        return Err("expected at most 64 letters, digits and _".to_owned());
    }
    Ok(text.to_owned())
}

/// `90s`, `2m`, `1h`, or seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number: u64 = text[..digits]
        .parse()
        .map_err(|_| format!("expected a time such as 90s or 2m, found {text:?}"))?;
    let factor = match &text[digits..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        unit => return Err(format!("unknown unit {unit:?}: expected s, m or h")),
    };
    Ok(Duration::from_secs(number * factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_ports() {
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert!(duration("2x").is_err() && duration("").is_err());
        assert_eq!(publish("web=0"), Ok(("web".to_owned(), 0)));
        assert!(publish("web").is_err() && publish("web=70000").is_err());
    }
}
