//! What a rule is, and the list of them.

use crate::finding::Severity;
use crate::report::Report;
use crate::rule::{d01, d02, d05, d10, d11, d12, d13, own};
use crate::workspace::Workspace;

/// What a machine can do about findings of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixing {
    /// `--fix` mends what can be proven.
    Safe,
    /// `--fix --unsafe` proposes.
    Suggested,
    /// A person decides.
    Never,
}

impl Fixing {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Suggested => "proposed",
            Self::Never => "",
        }
    }

    /// For people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Safe => "`boatyard check --fix` mends it where it can be proven safe.",
            Self::Suggested => "`boatyard check --fix --unsafe` proposes an edit; look at it.",
            Self::Never => "It is reported; a person decides.",
        }
    }
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// A letter and two digits: the name of its file, its cases and its page.
    pub id: &'static str,
    /// How much a finding matters, unless the place says otherwise.
    pub severity: Severity,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// Why it matters: sentences.
    pub why: &'static str,
    /// What to do: lower case, no final period.
    pub mend: &'static str,
    /// What a machine can do.
    pub fix: Fixing,
    /// What other tools call it, or empty.
    pub same_as: &'static str,
    /// Finds what does not hold.
    pub check: fn(&Workspace, &mut Report),
}

/// All rules, by id.
pub const ALL: &[&Rule] = &[
    &d01::RULE,
    &d02::RULE,
    &d05::RULE,
    &d10::RULE,
    &d11::RULE,
    &d12::RULE,
    &d13::RULE,
    &own::UNREADABLE,
    &own::NOT_AN_IGNORE,
    &own::IGNORES_NOTHING,
];

/// The rule of this id, in whatever case.
pub fn named(id: &str) -> Option<&'static Rule> {
    ALL.iter()
        .copied()
        .find(|rule| rule.id.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn ids_are_in_order_and_words_are_as_they_should_be() {
        assert!(
            ALL.windows(2)
                .all(|pair| pair[0].id[..1] != pair[1].id[..1] || pair[0].id < pair[1].id)
        );
        for rule in ALL {
            assert!(
                rule.why.ends_with('.') && rule.why.len() > 40,
                "{}: say why",
                rule.id
            );
            assert!(
                !rule.mend.ends_with('.') && !rule.mend.is_empty(),
                "{}: say what to do",
                rule.id
            );
            assert!(
                !rule.title.ends_with('.') && rule.title.len() < 80,
                "{}: title",
                rule.id
            );
        }
    }
}
