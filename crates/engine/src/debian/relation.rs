//! Relations between packages, as `Depends:` and its kin write them.
//!
//! ```text
//! libc6 (>= 2.36), default-mta | mail-transport-agent, python3:any
//! ```

use std::cmp::Ordering;
use std::fmt;

use super::version;

/// How a version has to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `<<`
    Earlier,
    /// `<=` (and the old `<`)
    EarlierOrEqual,
    /// `=`
    Equal,
    /// `>=` (and the old `>`)
    LaterOrEqual,
    /// `>>`
    Later,
}

impl Operator {
    /// Whether `have OPERATOR wanted` holds.
    pub fn holds(self, have: &str, wanted: &str) -> bool {
        let ordering = version::compare(have, wanted);
        match self {
            Self::Earlier => ordering == Ordering::Less,
            Self::EarlierOrEqual => ordering != Ordering::Greater,
            Self::Equal => ordering == Ordering::Equal,
            Self::LaterOrEqual => ordering != Ordering::Less,
            Self::Later => ordering == Ordering::Greater,
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "<<" => Self::Earlier,
            "<=" | "<" => Self::EarlierOrEqual,
            "=" => Self::Equal,
            ">=" | ">" => Self::LaterOrEqual,
            ">>" => Self::Later,
            _ => return None,
        })
    }
}

/// A package by name, perhaps with a condition on its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// The package's name, or that of something provided.
    pub name: String,
    /// The architecture after the colon, e.g. `any`.
    pub architecture: Option<String>,
    /// The condition on the version.
    pub version: Option<(Operator, String)>,
}

impl Relation {
    /// Parses one alternative, such as `libc6:any (>= 2.36)`. `None` if it is malformed.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (head, version) = match text.split_once('(') {
            Some((head, condition)) => {
                let condition = condition.split_once(')')?.0.trim();
                let split = condition.find(|c: char| !matches!(c, '<' | '>' | '='))?;
                let (word, wanted) = condition.split_at(split);
                (
                    head,
                    Some((Operator::parse(word)?, wanted.trim().to_owned())),
                )
            }
            None => (text, None),
        };
        // What follows in brackets restricts architectures or profiles, and does not occur in binary packages.
        let head = head.split(['[', '<']).next()?.trim();
        let (name, architecture) = match head.split_once(':') {
            Some((name, architecture)) => (name, Some(architecture.to_owned())),
            None => (head, None),
        };
        if name.is_empty() || name.contains(char::is_whitespace) {
            return None;
        }
        Some(Self {
            name: name.to_owned(),
            architecture,
            version,
        })
    }

    /// Whether a package of that version meets the condition.
    pub fn accepts(&self, have: &str) -> bool {
        self.version
            .as_ref()
            .is_none_or(|(operator, wanted)| operator.holds(have, wanted))
    }

    /// Whether a package is what is asked for, or provides it.
    pub fn met_by(&self, name: &str, version: &str, provides: &[Self]) -> bool {
        if name == self.name {
            return self.accepts(version);
        }
        provides.iter().any(|provided| {
            provided.name == self.name
                && match (&provided.version, &self.version) {
                    (_, None) => true,
                    (Some((_, version)), Some(_)) => self.accepts(version),
                    // An unversioned name meets no condition (Debian policy 7.5).
                    (None, Some(_)) => false,
                }
        })
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if let Some(architecture) = &self.architecture {
            write!(f, ":{architecture}")?;
        }
        if let Some((operator, wanted)) = &self.version {
            let word = match operator {
                Operator::Earlier => "<<",
                Operator::EarlierOrEqual => "<=",
                Operator::Equal => "=",
                Operator::LaterOrEqual => ">=",
                Operator::Later => ">>",
            };
            write!(f, " ({word} {wanted})")?;
        }
        Ok(())
    }
}

/// Alternatives, of which one is enough; in the order of preference.
pub type Group = Vec<Relation>;

/// Parses a whole field. Malformed alternatives are left out, and groups that are empty then.
pub fn parse_field(field: &str) -> Vec<Group> {
    field
        .split(',')
        .map(|group| group.split('|').filter_map(Relation::parse).collect())
        .filter(|group: &Group| !group.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_and_prints() {
        let field = "libc6 (>= 2.36), default-mta | mail-transport-agent (<< 1),\n python3:any, x(=1:2-3), , bad (";
        let printed: Vec<Vec<String>> = parse_field(field)
            .iter()
            .map(|group| group.iter().map(ToString::to_string).collect())
            .collect();
        assert_eq!(
            printed,
            [
                vec!["libc6 (>= 2.36)"],
                vec!["default-mta", "mail-transport-agent (<< 1)"],
                vec!["python3:any"],
                vec!["x (= 1:2-3)"],
            ]
        );
    }

    #[test]
    fn accepts_by_operator() {
        // operator, accepts 1, accepts 2, accepts 3, against version 2
        for (operator, expected) in [
            ("<<", [true, false, false]),
            ("<=", [true, true, false]),
            ("=", [false, true, false]),
            (">=", [false, true, true]),
            (">>", [false, false, true]),
        ] {
            let relation = Relation::parse(&format!("x ({operator} 2)")).expect("well formed");
            assert_eq!(
                ["1", "2", "3"].map(|have| relation.accepts(have)),
                expected,
                "{operator}"
            );
        }
    }
}
