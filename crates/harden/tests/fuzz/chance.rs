//! Damaged files: good ones, changed at a few places.

use super::case::pieces::PIECES;

/// Numbers that look like chance and are the same for the same seed (splitmix64).
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The name and the text of a file: a good one, or its text under another one's name, with up to twelve changes.
    pub fn input(&mut self, good: &[(String, String)]) -> (String, String) {
        let (mut name, mut text) = good[self.below(good.len())].clone();
        if self.below(32) == 0 {
            name.clone_from(&good[self.below(good.len())].0);
        }
        if self.below(16) == 0 {
            text.push_str(&good[self.below(good.len())].1);
        }
        for _ in 0..=self.below(12) {
            self.change(&mut text);
        }
        (name, text)
    }

    fn change(&mut self, text: &mut String) {
        let at = self.boundary(text, text.len());
        match self.below(6) {
            0 => text.insert(at, char::from(self.byte() & 0x7f)),
            1 if self.below(4) == 0 => text.truncate(at),
            2 => {
                let end = self.end(text, at);
                text.drain(at..end);
            }
            3 => {
                let end = self.end(text, at);
                let copy = text[at..end].to_owned();
                let to = self.boundary(text, text.len());
                text.insert_str(to, &copy);
            }
            _ => text.insert_str(at, PIECES[self.below(PIECES.len())]),
        }
    }

    /// A place up to `limit` that splits no character.
    fn boundary(&mut self, text: &str, limit: usize) -> usize {
        before(text, self.below(limit + 1))
    }

    /// A place a little behind `at`.
    fn end(&mut self, text: &str, at: usize) -> usize {
        before(text, (at + self.below(30)).min(text.len())).max(at)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// From 0 to one less than `limit`, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

/// The last place up to `at` that splits no character.
fn before(text: &str, at: usize) -> usize {
    (0..=at)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}
