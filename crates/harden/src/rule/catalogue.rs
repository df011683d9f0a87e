//! What a rule is, and the list of them.

use crate::finding::Severity;
use crate::report::Report;
use crate::rule::{
    c01, c02, c03, c04, c05, c06, d01, d02, d03, d04, d05, d06, d07, d08, d09, d10, d11, d12, d13,
    d14, d15, d16, d17, d18, d19, d20, d21, d22, d23, d24, d25, m01, m02, m03, m04, m05, m06, m07,
    m08, m09, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21, m22, m23, m24, m25, own,
    p04, p05, s01, s02, s03, s04, s05, s06, s07, s08, x01, x02, x03, x04, x05, x06, x07, x08,
};
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
    &d03::RULE,
    &d04::RULE,
    &d05::RULE,
    &d06::RULE,
    &d07::RULE,
    &d08::RULE,
    &d09::RULE,
    &d10::RULE,
    &d11::RULE,
    &d12::RULE,
    &d13::RULE,
    &d14::RULE,
    &d15::RULE,
    &d16::RULE,
    &d17::RULE,
    &d18::RULE,
    &d19::RULE,
    &d20::RULE,
    &d21::RULE,
    &d22::RULE,
    &d23::RULE,
    &d24::RULE,
    &d25::RULE,
    &s01::RULE,
    &s02::RULE,
    &s03::RULE,
    &s04::RULE,
    &s05::RULE,
    &s06::RULE,
    &s07::RULE,
    &s08::RULE,
    &m01::RULE,
    &m02::RULE,
    &m03::RULE,
    &m04::RULE,
    &m05::RULE,
    &m06::RULE,
    &m07::RULE,
    &m08::RULE,
    &m09::RULE,
    &m10::RULE,
    &m11::RULE,
    &m12::RULE,
    &m13::RULE,
    &m14::RULE,
    &m15::RULE,
    &m16::RULE,
    &m17::RULE,
    &m18::RULE,
    &m19::RULE,
    &m20::RULE,
    &m21::RULE,
    &m22::RULE,
    &m23::RULE,
    &m24::RULE,
    &m25::RULE,
    &c01::RULE,
    &c02::RULE,
    &c03::RULE,
    &c04::RULE,
    &c05::RULE,
    &c06::RULE,
    &x01::RULE,
    &x02::RULE,
    &x03::RULE,
    &x04::RULE,
    &x05::RULE,
    &x06::RULE,
    &x07::RULE,
    &x08::RULE,
    &own::UNREADABLE,
    &own::NOT_AN_IGNORE,
    &own::IGNORES_NOTHING,
    &p04::RULE,
    &p05::RULE,
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
