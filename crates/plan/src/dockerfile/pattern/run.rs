//! Holds paths against tokens. All ways to match are followed at once, so that time grows with pattern times path; most paths
//! are told apart by their first characters, before anything is followed.

use super::parse::{Pattern, Token};

impl Pattern {
    /// Whether it matches all of `path`.
    pub fn matches(&self, path: &str) -> bool {
        self.after(path).is_some_and(|ways| ways.at_end())
    }

    /// Whether it matches all of `path`, or of a folder above it.
    pub(super) fn matches_from_above(&self, path: &str) -> bool {
        // A folder that is shorter than the literal start does not match.
        let Some(rest) = path.strip_prefix(&self.literal) else {
            return false;
        };
        let mut ways = self.after_literal();
        for c in rest.chars() {
            if c == '/' && ways.at_end() {
                return true;
            }
            ways = ways.step(c);
            if ways.none() {
                return false;
            }
        }
        ways.at_end()
    }

    /// Whether some path below `folder` may match.
    pub fn may_match_below(&self, folder: &str) -> bool {
        let below = format!("{folder}/");
        if self.literal.len() > below.len() {
            return self.literal.starts_with(&below);
        }
        self.after(&below).is_some_and(|ways| ways.before_end())
    }

    /// The ways to match that are open once `text` is read; `None` if there are none.
    fn after(&self, text: &str) -> Option<Ways<'_>> {
        let rest = text.strip_prefix(&self.literal)?;
        self.after_literal().read(rest)
    }

    /// The ways to match once the literal start is read.
    pub(super) fn after_literal(&self) -> Ways<'_> {
        Ways::begin(&self.tokens[self.literals..])
    }
}

/// Which tokens may come next.
#[derive(Clone, Debug)]
pub(super) struct Ways<'t> {
    tokens: &'t [Token],
    /// A bit for each, and one for the end, if there are fewer than 128.
    few: u128,
    /// The same for more.
    many: Vec<bool>,
}

impl<'t> Ways<'t> {
    fn nothing(tokens: &'t [Token]) -> Self {
        let many = match tokens.len() {
            0..128 => Vec::new(),
            length => vec![false; length + 1],
        };
        Self {
            tokens,
            few: 0,
            many,
        }
    }

    pub(super) fn begin(tokens: &'t [Token]) -> Self {
        let mut ways = Self::nothing(tokens);
        ways.enter(0);
        ways
    }

    /// Those that are open once `text` is read as well; `None` if there are none.
    pub(super) fn read(&self, text: &str) -> Option<Self> {
        let mut ways = self.clone();
        for c in text.chars() {
            ways = ways.step(c);
            if ways.none() {
                return None;
            }
        }
        Some(ways)
    }

    fn has(&self, at: usize) -> bool {
        if self.many.is_empty() {
            self.few >> at & 1 == 1
        } else {
            self.many[at]
        }
    }

    fn set(&mut self, at: usize) {
        if self.many.is_empty() {
            self.few |= 1 << at;
        } else {
            self.many[at] = true;
        }
    }

    fn none(&self) -> bool {
        self.few == 0 && !self.many.contains(&true)
    }

    pub(super) fn at_end(&self) -> bool {
        self.has(self.tokens.len())
    }

    pub(super) fn before_end(&self) -> bool {
        (0..self.tokens.len()).any(|at| self.has(at))
    }

    /// Token `at` may come next, and those after it, if it may be nothing.
    fn enter(&mut self, mut at: usize) {
        loop {
            self.set(at);
            match self.tokens.get(at) {
                Some(Token::Many | Token::Folders | Token::Rest) => at += 1,
                _ => return,
            }
        }
    }

    /// After another character.
    fn step(&self, c: char) -> Self {
        let mut next = Self::nothing(self.tokens);
        if self.many.is_empty() {
            // Mostly there are one or two of them.
            let mut left = self.few;
            while left != 0 {
                let at = left.trailing_zeros() as usize;
                left &= left - 1;
                next.follow(at, c);
            }
        } else {
            for at in (0..self.tokens.len()).filter(|&at| self.many[at]) {
                next.follow(at, c);
            }
        }
        next
    }

    /// Token `at` might have come next, and `c` came.
    fn follow(&mut self, at: usize, c: char) {
        match self.tokens.get(at) {
            Some(Token::Char(wanted)) if *wanted == c => self.enter(at + 1),
            Some(Token::One) if c != '/' => self.enter(at + 1),
            Some(Token::Many) if c != '/' => self.enter(at),
            Some(Token::Class(negated, ranges)) => {
                let within = ranges.iter().any(|&(low, high)| low <= c && c <= high);
                if within != *negated {
                    self.enter(at + 1);
                }
            }
            Some(Token::Folders) => {
                self.set(at);
                if c == '/' {
                    self.enter(at + 1);
                }
            }
            Some(Token::Rest) => self.enter(at),
            Some(Token::Char(_) | Token::One | Token::Many) | None => {}
        }
    }
}
