//! What was found, as far as the settings want it.

use std::ops::Range;

use super::rule::Rule;
use super::settings::Settings;

/// One thing that is probably not meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckFinding {
    /// Which rule.
    pub rule: Rule,
    /// What was found. Lower case, no final period.
    pub message: String,
    /// The bytes of the Dockerfile that it is about.
    pub span: Range<usize>,
    /// What to do.
    pub help: String,
}

/// Findings so far.
pub(super) struct Report {
    settings: Settings,
    here: Settings,
    list: Vec<CheckFinding>,
}

impl Report {
    /// None yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            here: settings.clone(),
            settings,
            list: Vec::new(),
        }
    }

    /// What comes next is about an instruction with these settings of its own.
    pub fn enter(&mut self, own: Option<&Settings>) {
        self.here = match own {
            Some(own) => self.settings.with(own),
            None => self.settings.clone(),
        };
    }

    /// Notes a finding, if the rule is on.
    pub fn add(
        &mut self,
        rule: Rule,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        if self.here.wants(rule) {
            self.list.push(CheckFinding {
                rule,
                message: message.into(),
                span,
                help: help.into(),
            });
        }
    }

    /// All of them, in the order of the text.
    pub fn finish(mut self) -> Vec<CheckFinding> {
        self.list
            .sort_by_key(|finding| (finding.span.start, finding.rule));
        self.list
    }
}
