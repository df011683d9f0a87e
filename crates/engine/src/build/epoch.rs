//! The moment that copied sources are dated to.

use std::path::Path;
use std::process::{Command, Stdio};

/// `SOURCE_DATE_EPOCH`, if it is set to a number.
pub(crate) fn from_environment() -> Option<i64> {
    std::env::var("SOURCE_DATE_EPOCH").ok()?.trim().parse().ok()
}

/// The moment that `sources` (relative to `context`) are dated to: `SOURCE_DATE_EPOCH`, else the last commit that
/// touches them, else the newest of them (`newest`, seconds since 1970).
pub(super) fn of_sources(context: &Path, sources: &[String], newest: i64) -> i64 {
    from_environment()
        .or_else(|| last_commit(context, sources))
        .unwrap_or(newest)
}

fn last_commit(context: &Path, sources: &[String]) -> Option<i64> {
    let output = Command::new("git")
        .arg("-C")
        .arg(context)
        .args(["log", "-1", "--format=%ct", "--"])
        .args(sources)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8(output.stdout).ok())
        .flatten()?
        .trim()
        .parse()
        .ok()
}
