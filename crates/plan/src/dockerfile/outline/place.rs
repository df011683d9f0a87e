//! Where something is said.

use std::ops::Range;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

/// The lines of something, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its first line.
    pub first: usize,
    /// Its last line.
    pub last: usize,
}

impl Place {
    /// Where `span` is in `text`.
    pub(super) fn of(span: &Range<usize>, text: &str) -> Self {
        let line = |end: usize| 1 + text[..end].matches('\n').count();
        let inner = text.get(span.clone()).unwrap_or_default().trim_end();
        Self {
            first: line(span.start),
            last: line(span.start + inner.len()),
        }
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let line = |line| serde_json::json!({ "line": line });
        let range = serde_json::json!({ "start": line(self.first), "end": line(self.last) });
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("ranges", &[range])?;
        map.end()
    }
}
