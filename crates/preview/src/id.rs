//! Who an environment is: the same revision has the same id, however often and in whatever order it is heard of.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::revision::{Place, Revision, Subject};

/// Digits of an id: 80 bits, so that no two of a billion are the same.
const DIGITS: usize = 16;
/// What a label of a host name may have (RFC 1035).
const LABEL: usize = 63;
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The id of an environment: a letter or digit of base 32, sixteen times.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(String);

impl Id {
    /// The id of what is made of a revision by a recipe: whatever else decides what comes out, such as the configuration.
    pub fn of(revision: &Revision, recipe: &str) -> Self {
        let place = &revision.place;
        let (kind, subject) = subject(place);
        let [forge, name] = repository(place);
        Self(digits(&[
            &forge,
            &name,
            kind,
            &subject,
            &revision.commit,
            recipe,
        ]))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The label under which a subject is reached, whichever commit it shows: `shop-feature-x-k3v7`. Unique, at most 63 bytes,
/// of what a host name may have.
pub fn label(revision: &Revision) -> String {
    let place = &revision.place;
    let (kind, subject) = subject(place);
    let [forge, name] = repository(place);
    let end = digits(&[&forge, &name, kind, &subject]);
    let readable = match place.subject {
        Subject::Branch(_) => subject,
        Subject::PullRequest(_) => format!("pr{subject}"),
    };
    let short = name.rsplit('/').next().unwrap_or_default();
    let mut label = plain(&format!("{short}-{readable}"));
    label.truncate(LABEL - 1 - DIGITS / 2);
    let label = label.trim_matches('-');
    // A name of which no letter or digit is left still gets a word.
    let begin = if label.is_empty() { "env" } else { label };
    format!("{begin}-{}", &end[..DIGITS / 2])
}

/// What a subject is, and which one.
fn subject(place: &Place) -> (&'static str, String) {
    match &place.subject {
        Subject::Branch(name) => ("branch", name.clone()),
        Subject::PullRequest(number) => ("pull-request", number.to_string()),
    }
}

/// The forge and the name of a repository; forges do not tell cases apart in them, but they do in branches.
fn repository(place: &Place) -> [String; 2] {
    let repository = &place.repository;
    [&repository.forge, &repository.name].map(|part| part.to_lowercase())
}

/// ASCII letters and digits in small, and single dashes for all else.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for letter in text.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            plain.push(letter);
        } else if !plain.ends_with('-') {
            plain.push('-');
        }
    }
    plain
}

/// Digits of base 32 of a digest over parts, none of which can run into the next.
fn digits(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    let mut number = 0_u128;
    for byte in &digest[..DIGITS * 5 / 8] {
        number = number << 8 | u128::from(*byte);
    }
    let digit = |at: usize| char::from(ALPHABET[(number >> (5 * at) & 31) as usize]);
    (0..DIGITS).map(digit).collect()
}

#[cfg(test)]
mod tests;
