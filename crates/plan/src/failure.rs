//! What every error of ours can say beside its message: whose fault it is, and what to do.

/// Whose fault an error is. Decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The work failed: a build step, an unhealthy role. Exit 1.
    Work,
    /// Wrong use, or a mistake in a file. Exit 2.
    User,
    /// This machine or a remote refuses. Exit 3.
    Refused,
    /// A bug of ours. Exit 70.
    Bug,
}

impl Fault {
    /// The exit code of the command.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Work => 1,
            Self::User => 2,
            Self::Refused => 3,
            Self::Bug => 70,
        }
    }
}

/// An error that knows its fault and its remedy. The message itself is `Display`: what we were doing, to which thing,
/// what was found against what was expected; lower case, no final period, the cause left to `source()`.
pub trait Failure: std::error::Error + Send + Sync + 'static {
    /// Whose fault it is.
    fn fault(&self) -> Fault;

    /// What to do next, if we know: one or two sentences.
    fn help(&self) -> Option<String> {
        None
    }
}
