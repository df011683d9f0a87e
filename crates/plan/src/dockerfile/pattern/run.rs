//! Holds paths against tokens. All ways to match are followed at once, so that time grows with pattern times path.

use super::parse::{Pattern, Token};

impl Pattern {
    /// Whether it matches all of `path`.
    pub fn matches(&self, path: &str) -> bool {
        self.after(path)[self.tokens.len()]
    }

    /// Whether some path below `folder` may match.
    pub fn may_match_below(&self, folder: &str) -> bool {
        let states = self.after(&format!("{folder}/"));
        states[..self.tokens.len()].contains(&true)
    }

    /// Which tokens may come next once `text` is read; the last entry: whether all have been.
    fn after(&self, text: &str) -> Vec<bool> {
        let mut states = vec![false; self.tokens.len() + 1];
        self.enter(&mut states, 0);
        for c in text.chars() {
            let mut next = vec![false; states.len()];
            for (at, token) in self.tokens.iter().enumerate() {
                if !states[at] {
                    continue;
                }
                match token {
                    Token::Char(wanted) if *wanted == c => self.enter(&mut next, at + 1),
                    Token::One if c != '/' => self.enter(&mut next, at + 1),
                    Token::Many if c != '/' => self.enter(&mut next, at),
                    Token::Class(negated, ranges) => {
                        let within = ranges.iter().any(|&(low, high)| low <= c && c <= high);
                        if within != *negated {
                            self.enter(&mut next, at + 1);
                        }
                    }
                    Token::Folders => {
                        next[at] = true;
                        if c == '/' {
                            self.enter(&mut next, at + 1);
                        }
                    }
                    Token::Rest => self.enter(&mut next, at),
                    Token::Char(_) | Token::One | Token::Many => {}
                }
            }
            states = next;
        }
        states
    }

    /// Token `at` may come next, and those after it, if it may be nothing.
    fn enter(&self, states: &mut [bool], mut at: usize) {
        loop {
            states[at] = true;
            match self.tokens.get(at) {
                Some(Token::Many | Token::Folders | Token::Rest) => at += 1,
                _ => return,
            }
        }
    }
}
