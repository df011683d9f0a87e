//! What `# check=` says.

use std::collections::BTreeSet;

use super::rule::Rule;
use crate::document::suggestion;
use crate::failure::{Failure, Fault};

/// Which rules are on, and what findings do.
///
/// ```text
/// # check=skip=JSONArgsRecommended,StageNameCasing;error=true
/// # check=experimental=all
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    skip: Names,
    experimental: Names,
    /// Whether a finding fails the build.
    pub error: bool,
}

/// Some rules, or all. Names that no rule has are kept: another version may know them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Names {
    all: bool,
    some: BTreeSet<String>,
}

/// What is wrong with the value of `# check=`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A part is not `option=value`.
    #[error("the check option \"{text}\" has no \"=\"")]
    NoValue {
        /// The part.
        text: String,
    },
    /// An option that does not exist.
    #[error("unknown check option \"{name}\"")]
    Unknown {
        /// Its name.
        name: String,
    },
    /// `error` is neither true nor false.
    #[error("the check option \"error\" is \"{value}\"")]
    NotBool {
        /// What it is.
        value: String,
    },
}

impl Failure for SettingsError {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::NoValue { .. } => {
                Some("write # check=skip=RULE,RULE;error=true, or skip=all".to_owned())
            }
            Self::Unknown { name } => {
                suggestion("options", name, ["skip", "error", "experimental"])
            }
            Self::NotBool { .. } => Some("write error=true or error=false".to_owned()),
        }
    }
}

impl Settings {
    /// Reads the value of the directive. What follows white space is a remark.
    pub fn read(value: &str) -> Result<Self, SettingsError> {
        let mut settings = Self::default();
        let value = value.split(' ').next().unwrap_or_default().trim();
        if value.is_empty() {
            return Ok(settings);
        }
        for part in value.splitn(3, ';') {
            let Some((name, value)) = part.split_once('=') else {
                return Err(SettingsError::NoValue {
                    text: clipped(part),
                });
            };
            let value = value.trim();
            match name.trim() {
                "skip" => settings.skip = Names::read(value),
                "experimental" => settings.experimental = Names::read(value),
                "error" => {
                    settings.error = boolean(value).ok_or_else(|| SettingsError::NotBool {
                        value: clipped(value),
                    })?;
                }
                name => {
                    return Err(SettingsError::Unknown {
                        name: clipped(name),
                    });
                }
            }
        }
        Ok(settings)
    }

    /// Whether the rule is on.
    pub fn wants(&self, rule: Rule) -> bool {
        if rule.is_experimental() {
            self.experimental.has(rule)
        } else {
            !self.skip.has(rule)
        }
    }

    /// Both together: what either skips is skipped.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        let both = |a: &Names, b: &Names| Names {
            all: a.all || b.all,
            some: a.some.union(&b.some).cloned().collect(),
        };
        Self {
            skip: both(&self.skip, &other.skip),
            experimental: both(&self.experimental, &other.experimental),
            error: self.error,
        }
    }
}

impl Names {
    fn read(value: &str) -> Self {
        if value == "all" {
            return Self {
                all: true,
                some: BTreeSet::new(),
            };
        }
        Self {
            all: false,
            some: value
                .split(',')
                .map(|name| name.trim().to_owned())
                .collect(),
        }
    }

    fn has(&self, rule: Rule) -> bool {
        self.all || self.some.contains(rule.name())
    }
}

/// As Go's `strconv.ParseBool`.
fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// Short enough for a message.
fn clipped(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::{Settings, SettingsError};
    use crate::dockerfile::check::Rule;

    #[test]
    fn options() {
        let read = |text| Settings::read(text).expect("it is right");
        assert_eq!(read(""), Settings::default());
        let some = read("skip=StageNameCasing,UndefinedVar;error=1 // why");
        assert!(some.error && !some.wants(Rule::UndefinedVar));
        assert!(some.wants(Rule::FromAsCasing));
        assert!(!some.wants(Rule::InvalidDefinitionDescription));
        let all = read("skip=all;experimental=InvalidDefinitionDescription");
        assert!(!all.wants(Rule::FromAsCasing) && all.wants(Rule::InvalidDefinitionDescription));
        let both = some.with(&read("skip=FromAsCasing"));
        assert!(!both.wants(Rule::FromAsCasing) && !both.wants(Rule::UndefinedVar) && both.error);
    }

    #[test]
    fn mistakes() {
        for (text, expected) in [
            (
                "skip",
                SettingsError::NoValue {
                    text: "skip".to_owned(),
                },
            ),
            (
                "skipp=all",
                SettingsError::Unknown {
                    name: "skipp".to_owned(),
                },
            ),
            (
                "skip=all;error=yes",
                SettingsError::NotBool {
                    value: "yes".to_owned(),
                },
            ),
        ] {
            assert_eq!(Settings::read(text), Err(expected), "{text}");
        }
    }
}
