//! Damaged inputs: good ones, changed at a few places.

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Inputs of a reader where nobody says how many.
const USUAL: u64 = 20_000;

/// Gives a reader damaged inputs made of good ones and of words that mean something to it. The reader panics where
/// something is wrong with what it finds.
pub fn damaged(name: &str, good: &[&str], words: &[&str], reader: impl Fn(&[u8])) {
    let count = number("BOATYARD_FUZZ", USUAL);
    let seed = number("BOATYARD_FUZZ_SEED", 0);
    for index in 0..count {
        let mut chance = Chance::new(seed.wrapping_mul(1 << 40).wrapping_add(index));
        let bytes = input(&mut chance, good, words);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| reader(&bytes))) {
            println!(
                "{name}, input {index} of seed {seed}: {}",
                bytes.escape_ascii()
            );
            std::panic::resume_unwind(panic);
        }
    }
    println!("{name}: {count} inputs");
}

fn number(variable: &str, otherwise: u64) -> u64 {
    env::var(variable).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// One good input, or two joined, with up to twelve changes; sometimes bytes of no kind.
fn input(chance: &mut Chance, good: &[&str], words: &[&str]) -> Vec<u8> {
    if chance.below(16) == 0 {
        let length = chance.below(300);
        return (0..length).map(|_| chance.byte()).collect();
    }
    let mut bytes = good[chance.below(good.len())].as_bytes().to_vec();
    if chance.below(8) == 0 {
        bytes.extend(good[chance.below(good.len())].bytes());
    }
    for _ in 0..=chance.below(12) {
        let at = chance.below(bytes.len() + 1);
        match chance.below(7) {
            0 => bytes.insert(at, chance.byte()),
            1 if at < bytes.len() => bytes[at] = chance.byte(),
            2 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
            3 => bytes.truncate(at),
            4 => {
                let end = (at + chance.below(30)).min(bytes.len());
                bytes.drain(at..end);
            }
            5 => {
                let end = (at + chance.below(30)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                let to = chance.below(bytes.len() + 1);
                bytes.splice(to..to, copy);
            }
            _ => {
                let word = words[chance.below(words.len())];
                bytes.splice(at..at, word.bytes());
            }
        }
    }
    bytes
}

/// Numbers that look like chance and are the same for the same seed (splitmix64).
struct Chance(u64);

impl Chance {
    fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// From 0 to one less than `limit`, which is not 0.
    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}
