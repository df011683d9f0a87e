//! What was found.

use std::ops::Range;

use crate::edit::Edit;
use crate::rule::Rule;

/// How much a finding matters. The greater, the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know; a matter of taste or of later.
    Info,
    /// Costs something some day.
    Warning,
    /// Breaks, loses or gives away something.
    Error,
}

impl Severity {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Error];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// Whether an edit may be made without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// What runs stays what it was meant to be.
    Safe,
    /// Probably right; somebody has to look at it.
    Suggested,
}

/// How a finding is mended: all edits or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mend {
    /// Whether it may be done without asking.
    pub safety: Safety,
    /// What changes, in files of the workspace. Edits of one file do not overlap.
    pub edits: Vec<Edit>,
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which rule; it says why this matters.
    pub rule: &'static Rule,
    /// How much it matters: the rule's own severity, unless the settings say otherwise.
    pub severity: Severity,
    /// Path of the file, as the workspace names it.
    pub file: String,
    /// The bytes of the file that it is about.
    pub span: Range<usize>,
    /// What was found. Lower case, no final period.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The edits that do it, if a machine can.
    pub mend: Option<Mend>,
    /// Why a machine cannot, where the rule has edits for other cases.
    pub refused: Option<String>,
}
