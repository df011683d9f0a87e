//! Files that may break a rule, each with its reason. One that is no longer needed is itself a finding.

use crate::finding::Finding;

/// Leave to break one rule in one file.
#[derive(Clone, Copy, Debug)]
pub struct Exception {
    /// Name of the rule.
    pub rule: &'static str,
    /// Path relative to the workspace.
    pub path: &'static str,
    /// Why the code is better this way.
    pub reason: &'static str,
}

/// All of them.
pub const EXCEPTIONS: &[Exception] = &[
    Exception {
        rule: "declare",
        path: "crates/cli/src/args/mod.rs",
        reason: "the command line is one type; its verbs are the files beside it",
    },
    Exception {
        rule: "declare",
        path: "crates/cli/src/diagnose/mod.rs",
        reason: "its one function chooses between the kinds of error that the files beside it tell",
    },
    Exception {
        rule: "declare",
        path: "crates/cli/src/progress/tree/mod.rs",
        reason: "the tree's one type; the files beside it are its parts",
    },
    Exception {
        rule: "declare",
        path: "crates/cli/src/verb/mod.rs",
        reason: "the list of verbs and the list of what each calls belong side by side",
    },
];

/// `findings` without those that are excepted, and with one for each exception that excepts nothing.
pub fn apply(findings: Vec<Finding>, exceptions: &[Exception]) -> Vec<Finding> {
    let covers = |exception: &Exception, finding: &Finding| {
        exception.rule == finding.rule && exception.path == finding.path
    };
    let stale: Vec<Finding> = exceptions
        .iter()
        .filter(|exception| !findings.iter().any(|finding| covers(exception, finding)))
        .map(|exception| {
            let message = format!(
                "the exception from \"{}\" is no longer needed: remove it",
                exception.rule
            );
            Finding::file("exception", exception.path, message)
        })
        .collect();
    let mut left: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| {
            !exceptions
                .iter()
                .any(|exception| covers(exception, finding))
        })
        .chain(stale)
        .collect();
    left.sort();
    left
}

#[cfg(test)]
mod tests {
    use super::{Exception, apply};
    use crate::finding::Finding;

    const ONE: Exception = Exception {
        rule: "length",
        path: "a.rs",
        reason: "a table",
    };

    #[test]
    fn an_exception_covers_its_rule_in_its_file_only() {
        let findings = vec![
            Finding::file("length", "a.rs", "too long"),
            Finding::file("length", "b.rs", "too long"),
            Finding::file("name", "a.rs", "forbidden"),
        ];
        let left = apply(findings.clone(), &[ONE]);
        assert_eq!(left, [findings[2].clone(), findings[1].clone()]);
    }

    #[test]
    fn an_exception_that_excepts_nothing_is_a_finding() {
        assert_eq!(apply(Vec::new(), &[ONE])[0].rule, "exception");
    }
}
