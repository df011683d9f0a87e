//! All findings, one after the other.

use std::path::Path;

use super::distribution::Distribution;
use super::finding::Finding;
use super::{download, limits, permission};
use crate::host::model::Options;

/// Examines this machine, as far as its present user can. Changes nothing: what must be tried is tried in a child. To
/// be called instead of [`crate::host::enter`], while there is one thread. `options.scratch` is where the store is, `mirror`
/// the address that packages would come from.
pub fn report(options: &Options, mirror: &str) -> Vec<Finding> {
    let distribution = Distribution::of_this_machine();
    let scratch = options.scratch.clone().unwrap_or_else(std::env::temp_dir);
    let mut findings = permission::findings(options, distribution);
    findings.extend([
        limits::seccomp(),
        limits::control_groups(),
        limits::open_files(),
        limits::disk(&scratch),
        download::certificates(distribution),
        download::mirror(mirror),
    ]);
    findings
}

/// The text of a small file of the kernel or of the machine's settings, without its end; empty if there is none.
pub(super) fn text(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path)
        .unwrap_or_default()
        .trim_end()
        .to_owned()
}
