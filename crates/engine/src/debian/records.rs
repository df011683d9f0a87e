//! Which packages a root without dpkg has, kept as distroless images keep it, where scanners look for it.
//!
//! ```text
//! var/lib/dpkg/status.d/NAME             what the package says of itself: the paragraph of its control file
//! var/lib/dpkg/status.d/NAME.md5sums     its files
//! ```

use std::fs;
use std::path::Path;

use super::control;
use super::deb::Control;
use super::resolve::Installed;
use super::status::{read_if_there, write};
use super::unpack::Unpacked;
use super::unpack_error::UnpackError;

const FOLDER: &str = "var/lib/dpkg/status.d";

/// Whether a root's packages are recorded here, and not by dpkg.
pub fn are_kept(root: &Path) -> bool {
    root.join(FOLDER).is_dir() && !root.join("var/lib/dpkg/status").exists()
}

/// The packages of a root, in no order.
pub fn installed(root: &Path) -> Result<Vec<Installed>, UnpackError> {
    let mut found = Vec::new();
    let entries = fs::read_dir(root.join(FOLDER)).into_iter().flatten();
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.extension().is_some_and(|end| end == "md5sums") {
            continue;
        }
        let text = read_if_there(&path)?;
        found
            .extend(control::paragraphs(&text).filter_map(|paragraph| Installed::read(&paragraph)));
    }
    Ok(found)
}

/// Records packages that were unpacked.
pub(super) fn add(root: &Path, unpacked: &[Unpacked]) -> Result<(), UnpackError> {
    let folder = root.join(FOLDER);
    fs::create_dir_all(&folder).map_err(|source| UnpackError::State {
        path: folder.clone(),
        source,
    })?;
    for Unpacked { control, .. } in unpacked {
        write(&folder.join(&control.name), control.text.as_bytes(), 0o644)?;
        let sums = format!("{}.md5sums", control.name);
        write(&folder.join(sums), sums_of(root, control).as_bytes(), 0o644)?;
    }
    Ok(())
}

/// The sums of those files of a package that were not left out.
fn sums_of(root: &Path, control: &Control) -> String {
    let file = control.file("md5sums");
    let text = file
        .map(|file| String::from_utf8_lossy(&file.bytes).into_owned())
        .unwrap_or_default();
    let is_there = |line: &&str| {
        let path = line.split_once("  ").map_or("", |(_, path)| path);
        root.join(path).symlink_metadata().is_ok()
    };
    text.split_inclusive('\n')
        .filter(|line| is_there(&line.trim_end()))
        .collect()
}
