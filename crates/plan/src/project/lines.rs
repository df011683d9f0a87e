//! Which line of boatyard.toml asks for what.

use std::collections::BTreeMap;

/// Lines of the file by what stands there: `image.packages`, `service.app.copy`, `job.migrate`.
///
/// ```text
/// lines.of("image.packages")  ->  Some(7)
/// ```
/// Empty for a project that was not read from a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines(BTreeMap<String, usize>);

impl Lines {
    /// Lines from pairs of a dotted path and a line, from 1.
    pub(crate) fn new(pairs: impl IntoIterator<Item = (String, usize)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// The line, from 1, where the key at the dotted `path` is; `None` if the file does not have it.
    pub fn of(&self, path: &str) -> Option<usize> {
        self.0.get(path).copied()
    }

    /// The line of the first of `paths` that the file has.
    pub fn first_of(&self, paths: &[&str]) -> Option<usize> {
        paths.iter().find_map(|path| self.of(path))
    }
}
