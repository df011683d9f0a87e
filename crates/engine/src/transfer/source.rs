//! Finds what a source names.

use std::path::{Path, PathBuf};

use boatyard_plan::dockerfile::path::clean;
use boatyard_plan::dockerfile::pattern::{BadPattern, Pattern};

use super::TransferError;
use super::check;
use super::place::View;
use crate::snapshot::Seen;

/// Something that a source names.
pub(super) struct Found {
    /// Its path as it was named; its last name is what it is called where it lands.
    pub(super) path: PathBuf,
    /// The same with links followed.
    pub(super) at: PathBuf,
    pub(super) seen: Seen,
}

impl From<BadPattern> for TransferError {
    fn from(bad: BadPattern) -> Self {
        Self::BadPattern { pattern: bad.text }
    }
}

/// What `written` names, in order: itself, or all that it fits if it is a pattern, which may be nothing. Links on the
/// way and at the end are followed within the place; `..` stays in it.
pub(super) fn find(view: &View<'_>, written: &str) -> Result<Vec<Found>, TransferError> {
    let path = clean(&format!("/{written}"));
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
    let plain = names
        .iter()
        .take_while(|name| !Pattern::is_in(name))
        .count();
    let start: PathBuf = Path::new("/").join(names[..plain].iter().collect::<PathBuf>());
    let at = view.resolve(&start)?;
    let seen = view.look(&at)?;
    let Some(seen) = seen else {
        return Err(check::missing(view, written, &start)?);
    };
    unlooped(&seen, written)?;
    let patterns = &names[plain..];
    if patterns.is_empty() {
        return Ok(vec![Found {
            path: start,
            at,
            seen,
        }]);
    }
    let patterns = patterns
        .iter()
        .map(|name| Pattern::within(name))
        .collect::<Result<Vec<_>, _>>()?;
    let mut paths = Vec::new();
    fitting(view, &at, &patterns, &mut paths)?;
    paths
        .into_iter()
        .map(|path| {
            let at = view.resolve(&path)?;
            match view.look(&at)? {
                Some(seen) => {
                    unlooped(&seen, &path.to_string_lossy())?;
                    Ok(Found { path, at, seen })
                }
                None => Err(check::missing(view, &path.to_string_lossy(), &path)?),
            }
        })
        .collect()
}

/// Fails for what is a link although links were followed.
fn unlooped(seen: &Seen, path: &str) -> Result<(), TransferError> {
    match seen.link()? {
        Some(_) => Err(TransferError::Loop {
            path: path.to_owned(),
        }),
        None => Ok(()),
    }
}

/// Paths below `folder` whose names fit the patterns one by one. Links to folders are not entered.
fn fitting(
    view: &View<'_>,
    folder: &Path,
    patterns: &[Pattern],
    paths: &mut Vec<PathBuf>,
) -> Result<(), TransferError> {
    let Some((pattern, rest)) = patterns.split_first() else {
        return Ok(());
    };
    for (name, seen) in view.list(folder)? {
        if !pattern.matches(&name.to_string_lossy()) {
            continue;
        }
        let path = folder.join(name);
        if rest.is_empty() {
            paths.push(path);
        } else if seen.metadata.is_dir() {
            fitting(view, &path, rest, paths)?;
        }
    }
    Ok(())
}
