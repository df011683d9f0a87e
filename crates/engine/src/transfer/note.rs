//! What people should know about a copy that went well.

/// Something that `BuildKit` lets pass without a word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Note {
    /// A pattern fits nothing, so nothing was copied for it.
    #[error("{pattern} fits nothing, so nothing is copied for it")]
    NothingFits {
        /// The pattern, as written.
        pattern: String,
    },
    /// `--chown` names somebody whom the destination does not know: root gets it.
    #[error("--chown: the image has no {kind} {name:?}, so root owns the files")]
    Unknown {
        /// `user` or `group`.
        kind: &'static str,
        /// The name.
        name: String,
    },
}
