//! What to say about a source that is not there.

use std::path::{Path, PathBuf};

use super::TransferError;
use super::place::{LeftOut, View};

/// How alike two names must be for one to be a slip of the other.
const ALIKE: f64 = 0.8;

/// The error for `written`, which is at the clean absolute `path` but does not show there.
pub(super) fn missing(
    view: &View<'_>,
    written: &str,
    path: &Path,
) -> Result<TransferError, TransferError> {
    if let Some(LeftOut { line }) = view.left_out(path)? {
        return Ok(TransferError::Ignored {
            path: written.to_owned(),
            line,
        });
    }
    if let Some((link, target)) = dead_link(view, path)? {
        return Ok(TransferError::DeadLink {
            path: written.to_owned(),
            link,
            target,
        });
    }
    Ok(TransferError::Missing {
        path: written.to_owned(),
        similar: similar(view, path)?,
        climbs: climbs(written),
    })
}

/// The link on the way to `path`, or at its end, that leads to nothing, and where to.
fn dead_link(view: &View<'_>, path: &Path) -> Result<Option<(PathBuf, PathBuf)>, TransferError> {
    for at in path.ancestors() {
        let (Some(above), Some(name)) = (at.parent(), at.file_name()) else {
            break;
        };
        let Some(found) = view.look(&view.resolve(above)?.join(name))? else {
            continue;
        };
        let target = found.link()?;
        return Ok(target.map(|target| (at.strip_prefix("/").unwrap_or(at).to_path_buf(), target)));
    }
    Ok(None)
}

/// The path whose first name that is not there is taken for the one beside it that looks most alike.
fn similar(view: &View<'_>, path: &Path) -> Result<Option<String>, TransferError> {
    let mut there = path;
    let mut wanted = None;
    while view.look(&view.resolve(there)?)?.is_none() {
        wanted = there.file_name();
        let Some(parent) = there.parent() else {
            return Ok(None);
        };
        there = parent;
    }
    let Some(wanted) = wanted else {
        return Ok(None);
    };
    let wanted = wanted.to_string_lossy();
    let names = view.list(&view.resolve(there)?)?;
    let best = names
        .keys()
        .map(|name| (strsim::jaro_winkler(&name.to_string_lossy(), &wanted), name))
        .filter(|(score, _)| *score > ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    Ok(best.map(|(_, name)| {
        let found = there.join(name);
        let relative = found.strip_prefix("/").unwrap_or(&found);
        relative.to_string_lossy().into_owned()
    }))
}

/// Whether a path has more `..` than names before them.
fn climbs(written: &str) -> bool {
    let mut depth = 0_i64;
    written.split('/').any(|name| {
        depth += match name {
            "" | "." => 0,
            ".." => -1,
            _ => 1,
        };
        depth < 0
    })
}
