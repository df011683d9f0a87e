//! Git on a mirror.

use std::path::Path;

use tokio::process::Command;

use crate::git;

/// Git on a mirror, without hooks, or maintenance behind our back.
pub(crate) fn on_mirror(mirror: &Path) -> Command {
    let mut command = git::command();
    command
        .arg("--git-dir")
        .arg(mirror)
        .args(["-c", "core.hooksPath=/dev/null"])
        .args(["-c", "core.fsmonitor=false"])
        .args(["-c", "gc.auto=0"])
        .args(["-c", "maintenance.auto=false"])
        .args(["-c", "protocol.ext.allow=never"]);
    command
}
