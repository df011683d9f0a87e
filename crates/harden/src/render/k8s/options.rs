//! What a project does not say about a cluster.

/// What a project does not say about a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The tag of the project's images.
    pub tag: String,
    /// The namespace of all objects; none: that of whoever applies them.
    pub namespace: Option<String>,
}
