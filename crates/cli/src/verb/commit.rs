//! Which commit a folder is at.

use std::path::Path;
use std::process::{Command, Stdio};

use boatyard_plan::attest::Material;

/// The commit of the folder, with where its repository came from. `None` if it is in no repository, or not as it was
/// committed.
pub fn of(folder: &Path) -> Option<Material> {
    let changes = git(folder, &["status", "--porcelain", "--", "."])?;
    if !changes.is_empty() {
        return None;
    }
    let url = git(folder, &["config", "--get", "remote.origin.url"]).unwrap_or_default();
    Some(Material::commit(&url, &id(folder)?))
}

/// The commit that is checked out.
pub fn id(folder: &Path) -> Option<String> {
    git(folder, &["rev-parse", "--verify", "HEAD"])
}

fn git(folder: &Path, words: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(words)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| said.trim().to_owned())
}
