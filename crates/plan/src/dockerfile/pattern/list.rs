//! Patterns in order, some of which take back what others said.

use super::parse::{BadPattern, Pattern, Token};
use crate::dockerfile::path;

/// A list of patterns. Each says something of the paths that it matches and of all below them; of two that match, the later
/// one is right. Those with a `!` in front take back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patterns {
    /// Each with whether it takes back.
    pub(super) list: Vec<(bool, Pattern)>,
}

impl Patterns {
    /// Reads patterns; empty ones are left out.
    ///
    /// # Errors
    /// If one of them is none.
    pub fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<Self, BadPattern> {
        let mut list = Self::default();
        for pattern in patterns {
            list.push(pattern)?;
        }
        Ok(list)
    }

    /// Adds one at the end.
    ///
    /// # Errors
    /// If it is none.
    pub fn push(&mut self, pattern: &str) -> Result<(), BadPattern> {
        let trimmed = pattern.trim();
        if trimmed.is_empty() {
            return Ok(());
        }
        let cleaned = path::clean(trimmed);
        let (back, text) = match cleaned.strip_prefix('!') {
            Some(text) => (true, text),
            None => (false, cleaned.as_str()),
        };
        if text.is_empty() {
            return Err(BadPattern {
                text: pattern.to_owned(),
                reason: "nothing follows the exclamation mark",
            });
        }
        self.list.push((back, Pattern::crossing(text)?));
        Ok(())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether one of them takes back what others say.
    pub fn takes_back(&self) -> bool {
        self.list.iter().any(|(back, _)| *back)
    }

    /// Whether one of them says yes to every path: `*`, `**` or `**/*`.
    pub fn takes_all(&self) -> bool {
        self.list.iter().any(|(back, pattern)| {
            let all = matches!(
                pattern.tokens[..],
                [Token::Many | Token::Rest] | [Token::Folders, Token::Many]
            );
            !back && all
        })
    }

    /// Whether the list says yes to `path`, relative, cleaned. Never to `.`, the root.
    pub fn matches(&self, path: &str) -> bool {
        self.decider(path).is_some()
    }

    /// Which pattern, by its index, makes the list say yes to `path`; `None` if the list says no.
    pub fn decider(&self, path: &str) -> Option<usize> {
        if path == "." || path.is_empty() {
            return None;
        }
        let mut decider = None;
        for (index, (back, pattern)) in self.list.iter().enumerate() {
            if *back == decider.is_some() && pattern.matches_from_above(path) {
                decider = (!back).then_some(index);
            }
        }
        decider
    }

    /// Whether the list may say yes to something below `folder`.
    pub fn may_match_below(&self, folder: &str) -> bool {
        self.matches(folder) || self.any_below(folder, false)
    }

    /// Whether the list may say no to something below `folder`. `false` is certain: a walker need not look.
    pub fn may_spare_below(&self, folder: &str) -> bool {
        !self.matches(folder) || self.any_below(folder, true)
    }

    fn any_below(&self, folder: &str, wanted: bool) -> bool {
        if folder == "." || folder.is_empty() {
            return self.list.iter().any(|(back, _)| *back == wanted);
        }
        self.list
            .iter()
            .any(|(back, pattern)| *back == wanted && pattern.may_match_below(folder))
    }
}
