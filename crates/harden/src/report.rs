//! The findings so far.

use std::ops::Range;

use crate::edit::Edit;
use crate::finding::{Finding, Mend, Safety};
use crate::rule::Rule;

/// The findings so far.
#[derive(Debug, Default)]
pub struct Report {
    findings: Vec<Finding>,
}

impl Report {
    /// Notes that `rule` does not hold at `span` of `file`.
    pub fn add(
        &mut self,
        rule: &'static Rule,
        file: &str,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> &mut Finding {
        self.findings.push(Finding {
            rule,
            severity: rule.severity,
            file: file.to_owned(),
            span,
            message: message.into(),
            help: rule.mend.to_owned(),
            mend: None,
            refused: None,
        });
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    /// All of them, in the order of files and texts.
    pub fn finish(mut self) -> Vec<Finding> {
        self.findings.sort_by(|a, b| {
            let key = |one: &Finding| (one.file.clone(), one.span.start, one.span.end, one.rule.id);
            key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
        });
        self.findings.dedup_by(|a, b| {
            (a.rule.id, &a.file, &a.span, &a.message) == (b.rule.id, &b.file, &b.span, &b.message)
        });
        self.findings
    }
}

impl Finding {
    /// Says what to do here, more exactly than the rule does.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = help.into();
        self
    }

    /// Gives edits that change nothing but what is wrong.
    pub fn safe(&mut self, edits: impl Into<Vec<Edit>>) -> &mut Self {
        self.mend = Some(Mend {
            safety: Safety::Safe,
            edits: edits.into(),
        });
        self
    }

    /// Gives edits that somebody has to look at.
    pub fn suggested(&mut self, edits: impl Into<Vec<Edit>>) -> &mut Self {
        self.mend = Some(Mend {
            safety: Safety::Suggested,
            edits: edits.into(),
        });
        self
    }

    /// Says why there are no edits.
    pub fn refuse(&mut self, why: impl Into<String>) -> &mut Self {
        self.refused = Some(why.into());
        self
    }
}
