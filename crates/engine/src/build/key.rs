//! Keys of actions: what a step's result depends on, as one digest.

use std::path::{Path, PathBuf};

use boatyard_plan::digest::Digest;
use serde::{Serialize, Serializer};

/// Raised when the same inputs give other results because our code changed.
const GENERATION: u32 = 1;

/// The key of an action: `kind` says what is done, `inputs` all that its result depends on. The encoding is JSON with
/// a fixed order of fields, so the same inputs give the same bytes. Paths in it are [`Named`].
pub(crate) fn key<T: Serialize>(kind: &str, inputs: &T) -> String {
    let text = serde_json::to_vec(&(GENERATION, kind, std::env::consts::ARCH, inputs))
        .expect("inputs are plain data with string keys, and paths of any bytes can be written");
    Digest::of(&text).hex().to_owned()
}

/// A path in a key: a text, or its bytes if it is none. Serde refuses such paths by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named(pub(crate) PathBuf);

impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        named(&self.0, serializer)
    }
}

/// Writes a path as [`Named`] does.
pub(crate) fn named<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    use std::os::unix::ffi::OsStrExt as _;
    match path.to_str() {
        Some(text) => serializer.serialize_str(text),
        None => serializer.collect_seq(path.as_os_str().as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;
    use std::path::PathBuf;

    use super::{Named, key};
    use crate::snapshot::Above;

    #[test]
    fn paths_of_any_bytes_have_keys_of_their_own() {
        let path = |bytes: &[u8]| PathBuf::from(OsString::from_vec(bytes.to_vec()));
        let of = |bytes: &[u8]| {
            let above = Above {
                path: path(bytes),
                mode: 0o755,
                uid: 0,
                gid: 0,
            };
            key("test", &(Named(path(bytes)), above))
        };
        let plain = serde_json::to_string(&Named(path(b"/app"))).expect("a text");
        assert_eq!(plain, "\"/app\"");
        let all = [&b"/a"[..], b"/\xff", b"/\xfe", b"/\xef\xbf\xbd"].map(of);
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }
}
