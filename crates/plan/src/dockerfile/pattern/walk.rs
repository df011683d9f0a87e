//! Patterns along a walk: what is known of a folder is not found out again for everything in it.
//!
//! ```text
//! docs           of no use within src/, and not looked at there
//! **/*.pyc       of use everywhere, and compared with the name alone
//! !docs/keep     after docs: within docs/ it is the only one that is left
//! ```
//! The last pattern that matches a path or a folder above it is right. So within a folder only those matter that come after
//! the one that decided for the folder, and of these only those that may match something below it.

use super::list::Patterns;
use super::parse::{Pattern, Token};
use super::run::Ways;

/// What patterns say within one folder. [`Patterns::top`] is where a walk begins.
#[derive(Clone, Debug)]
pub struct Within<'p> {
    patterns: &'p Patterns,
    /// Whether they say yes to the folder.
    matched: bool,
    /// Those that may still change that below, the last first. Empty as soon as none of them says otherwise.
    open: Vec<(usize, Way<'p>)>,
}

/// How far a pattern has come once a folder's path and a `/` are read.
#[derive(Clone, Debug)]
enum Way<'p> {
    /// The folder is all within the literal start, of which this is left.
    Literal(&'p str),
    /// As far in every folder.
    Anywhere,
    /// In the middle of it.
    Middle(Ways<'p>),
}

impl Patterns {
    /// The folder that all paths are relative to.
    pub fn top(&self) -> Within<'_> {
        let open = self.list.iter().enumerate().rev();
        Within {
            patterns: self,
            matched: false,
            open: open
                .map(|(index, (_, pattern))| (index, pattern.start()))
                .collect(),
        }
        .settled()
    }
}

impl Within<'_> {
    /// Whether the patterns say yes to `name` in this folder.
    pub fn matches(&self, name: &str) -> bool {
        for (index, way) in &self.open {
            let (back, pattern) = &self.patterns.list[*index];
            if way.ends(pattern, name) {
                return !back;
            }
        }
        self.matched
    }

    /// The folder `name` in this one.
    #[must_use]
    pub fn enter(&self, name: &str) -> Self {
        let mut open = Vec::new();
        let mut matched = self.matched;
        for (index, way) in &self.open {
            let (back, pattern) = &self.patterns.list[*index];
            if way.ends(pattern, name) {
                matched = !back;
                break;
            }
            if let Some(way) = way.enter(pattern, name) {
                open.push((*index, way));
            }
        }
        Self {
            patterns: self.patterns,
            matched,
            open,
        }
        .settled()
    }

    /// Whether they say yes to the folder itself.
    pub fn matched(&self) -> bool {
        self.matched
    }

    /// Whether they may say yes to something below. `false` is certain.
    pub fn may_match_below(&self) -> bool {
        self.matched || !self.open.is_empty()
    }

    /// Whether they may say no to something below. `false` is certain: a walker need not look.
    pub fn may_spare_below(&self) -> bool {
        !self.matched || !self.open.is_empty()
    }

    fn settled(mut self) -> Self {
        let says = |index: usize| !self.patterns.list[index].0;
        if self
            .open
            .iter()
            .all(|(index, _)| says(*index) == self.matched)
        {
            self.open = Vec::new();
        }
        self
    }
}

impl Pattern {
    fn start(&self) -> Way<'_> {
        if self.name.is_some() {
            Way::Anywhere
        } else if self.literals > 0 {
            Way::Literal(&self.literal)
        } else {
            Way::Middle(Ways::begin(&self.tokens))
        }
    }
}

impl<'p> Way<'p> {
    /// Whether `pattern` matches all of the path that ends in `name`.
    fn ends(&self, pattern: &Pattern, name: &str) -> bool {
        match self {
            Self::Anywhere => pattern.name.as_ref().is_some_and(|known| known.fits(name)),
            Self::Literal(left) => name
                .strip_prefix(left)
                .and_then(|rest| pattern.after_literal().read(rest))
                .is_some_and(|ways| ways.at_end()),
            Self::Middle(ways) => ways.read(name).is_some_and(|ways| ways.at_end()),
        }
    }

    /// How far it comes with `name` and a `/`, if what is below may match.
    fn enter(&self, pattern: &'p Pattern, name: &str) -> Option<Self> {
        let ways = match self {
            Self::Anywhere => return Some(Self::Anywhere),
            Self::Literal(left) => {
                if let Some(left) = left.strip_prefix(name)
                    && !left.is_empty()
                {
                    return left.strip_prefix('/').map(Self::Literal);
                }
                pattern.after_literal().read(name.strip_prefix(left)?)
            }
            Self::Middle(ways) => ways.read(name),
        };
        let ways = ways?.read("/")?;
        ways.before_end().then_some(Self::Middle(ways))
    }
}

/// What a pattern says of a name in whatever folder, if that is all that it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// It is this.
    Is(String),
    /// It ends in this.
    Ends(String),
}

impl Name {
    /// `**/x`, `**/*x` and `**x`, if x is plain.
    pub(super) fn of(tokens: &[Token]) -> Option<Self> {
        let plain = |tokens: &[Token]| {
            tokens
                .iter()
                .map(|token| match token {
                    Token::Char(c) if *c != '/' => Some(*c),
                    _ => None,
                })
                .collect::<Option<String>>()
        };
        match tokens {
            [Token::Folders, Token::Many, rest @ ..] | [Token::Rest, rest @ ..] => {
                plain(rest).map(Self::Ends)
            }
            [Token::Folders, rest @ ..] => plain(rest).map(Self::Is),
            _ => None,
        }
    }

    fn fits(&self, name: &str) -> bool {
        match self {
            Self::Is(known) => name == known,
            Self::Ends(known) => name.ends_with(known.as_str()),
        }
    }
}
