//! Whether there is a shell.

/// Whether the image has a shell that may be asked to run what the native subset does not cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// There is one: whatever it might do otherwise is left to it.
    There,
    /// There is none: programs that shells have built in (`echo`) are taken from the search path.
    Missing,
}
