//! How the watching of a repository goes, for whoever looks.

use std::time::Instant;

/// How the watching of a repository goes.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// How often all that is open was listed.
    pub lists: u64,
    /// When last.
    pub listed: Option<Instant>,
    /// Why that has not been possible since; none: it is.
    pub trouble: Option<String>,
}
