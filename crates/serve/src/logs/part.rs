//! The parts of an environment's life that have a log each.

/// What a log is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What was said while it was prepared: clone, build, jobs.
    Prepare,
    /// What its processes print.
    Run,
}

impl Part {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Prepare, Self::Run];

    /// The word for it in addresses and names of folders.
    pub fn word(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Run => "run",
        }
    }
}
