//! Who an environment is: the same revision has the same id, however often and in whatever order it is heard of.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::revision::{Place, Revision, Subject};

/// Digits of an id: 80 bits, so that no two of a billion are the same.
const DIGITS: usize = 16;
/// What a label of a host name may have (RFC 1035).
const LABEL: usize = 63;
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The id of an environment: a letter or digit of base 32, sixteen times.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Id([u8; DIGITS]);

/// A text that is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is {DIGITS} letters a to z or digits 2 to 7")]
pub struct NoId;

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
        // All of them are ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Id {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        let digits: [u8; DIGITS] = text.as_bytes().try_into().map_err(|_| NoId)?;
        let is_id = digits.iter().all(|digit| ALPHABET.contains(digit));
        is_id.then_some(Self(digits)).ok_or(NoId)
    }
}

impl TryFrom<String> for Id {
    type Error = NoId;

    fn try_from(text: String) -> Result<Self, NoId> {
        text.parse()
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.as_str().to_owned()
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Display for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// The label under which a subject is reached, whichever commit it shows: `shop-feature-x-k3v7`. Unique, at most 63 bytes,
/// of what a host name may have.
pub fn label(revision: &Revision) -> String {
    let place = &revision.place;
    let (kind, subject) = subject(place);
    let [forge, name] = repository(place);
    let end = Id(digits(&[&forge, &name, kind, &subject]));
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
    format!("{begin}-{}", &end.as_str()[..DIGITS / 2])
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

/// ASCII letters and digits in small, and dashes for all else.
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
fn digits(parts: &[&str]) -> [u8; DIGITS] {
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
    std::array::from_fn(|at| ALPHABET[(number >> (5 * at) & 31) as usize])
}

#[cfg(test)]
mod tests;
