//! Where the program is.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, str};

/// The folder with the program and the files that it reads, or why there is none.
pub fn find() -> Result<PathBuf, String> {
    if let Some(named) = env::var_os("BOATYARD_FORGETEST") {
        return Ok(named.into());
    }
    let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("build");
    let output = Command::new(&build)
        .arg("--cached")
        .output()
        .map_err(|error| format!("{}: {error}", build.display()))?;
    match str::from_utf8(&output.stdout).map(str::trim) {
        Ok(path) if output.status.success() => Ok(path.into()),
        _ => Err("no forge for tests here: tools/forgetest/build makes it".to_owned()),
    }
}
