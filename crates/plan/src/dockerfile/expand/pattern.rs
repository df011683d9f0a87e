//! Patterns of a shell: `*` any characters, `?` one, a backslash before what is meant as it is. All positions are tried at once, so
//! that time grows with the length of pattern times text and not faster.

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    tokens: Vec<Token>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    /// Any characters but newlines.
    Many,
    /// One character but a newline.
    One,
    /// This character.
    Char(char),
}

impl Pattern {
    /// Reads a pattern; `None` if a backslash stands before something other than `* ? \ } /`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut chars = text.chars();
        let mut tokens = Vec::new();
        while let Some(c) = chars.next() {
            tokens.push(match c {
                '*' => Token::Many,
                '?' => Token::One,
                '\\' => match chars.next() {
                    Some(next @ ('*' | '?' | '\\' | '}' | '/')) => Token::Char(next),
                    _ => return None,
                },
                c => Token::Char(c),
            });
        }
        Some(Self { tokens })
    }

    /// Bytes that it matches at the front of `text`.
    pub fn prefix(&self, text: &str, longest: bool) -> Option<usize> {
        matched(&self.tokens, text.chars(), longest)
    }

    /// Bytes that it matches at the end of `text`.
    pub fn suffix(&self, text: &str, longest: bool) -> Option<usize> {
        let reversed: Vec<Token> = self.tokens.iter().rev().copied().collect();
        matched(&reversed, text.chars().rev(), longest)
    }

    /// Where it matches first in `text` from byte `from` on: the leftmost, and of those the longest.
    pub fn find(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        let mut found: Option<(usize, usize)> = None;
        let mut states = States::new(&self.tokens);
        let mut at = from;
        let mut chars = text[from..].chars();
        loop {
            if found.is_none() {
                states.enter(&self.tokens, 0, at);
            }
            if let Some(start) = states.0[self.tokens.len()]
                && found.is_none_or(|(first, _)| start <= first)
            {
                found = Some((start, at));
            }
            let Some(c) = chars.next() else { break };
            let until = found.map_or(usize::MAX, |(start, _)| start);
            states = states.step(&self.tokens, c, until);
            at += c.len_utf8();
            if found.is_some() && states.0.iter().all(Option::is_none) {
                break;
            }
        }
        found
    }
}

/// For each position in a pattern, where in the text the match that has come so far began.
struct States(Vec<Option<usize>>);

impl States {
    fn new(tokens: &[Token]) -> Self {
        Self(vec![None; tokens.len() + 1])
    }

    /// A match that began at `start` has come to position `at`, and past every `*` there.
    fn enter(&mut self, tokens: &[Token], mut at: usize, start: usize) {
        loop {
            match self.0[at] {
                Some(earlier) if earlier <= start => return,
                _ => self.0[at] = Some(start),
            }
            if tokens.get(at) != Some(&Token::Many) {
                return;
            }
            at += 1;
        }
    }

    /// After another character; matches that began after `until` are no longer wanted.
    fn step(&self, tokens: &[Token], c: char, until: usize) -> Self {
        let mut next = Self::new(tokens);
        for (at, (token, start)) in tokens.iter().zip(&self.0).enumerate() {
            let Some(start) = *start else { continue };
            if start > until {
                continue;
            }
            match token {
                Token::Many if c != '\n' => next.enter(tokens, at, start),
                Token::One if c != '\n' => next.enter(tokens, at + 1, start),
                Token::Char(wanted) if *wanted == c => next.enter(tokens, at + 1, start),
                _ => {}
            }
        }
        next
    }
}

/// Bytes that `tokens` match from the first of `chars` on.
fn matched(tokens: &[Token], chars: impl Iterator<Item = char>, longest: bool) -> Option<usize> {
    let mut states = States::new(tokens);
    states.enter(tokens, 0, 0);
    let mut at = 0;
    let mut end = None;
    let mut chars = chars.fuse();
    loop {
        if states.0[tokens.len()].is_some() {
            end = Some(at);
            if !longest {
                return end;
            }
        }
        let Some(c) = chars.next() else { return end };
        states = states.step(tokens, c, usize::MAX);
        if states.0.iter().all(Option::is_none) {
            return end;
        }
        at += c.len_utf8();
    }
}
