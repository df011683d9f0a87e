//! What a build makes, as text: what differs from the base, sorted, and the configuration.
//!
//! ```text
//! f 644 0:0 "hello" /d/a.txt            file: mode, owner, text, path [= first name] [xattr...]
//! f 644 0:0 900 2cf24dba5fb0 /d/b       if it is long: size, SHA-256 (12 digits)
//! d 755 0:0 /d
//! l 0:0 /d/l -> target                  also p (fifo), c and b (devices)
//! - /gone
//! config {...}                          Docker's names, sorted, what is empty left out
//! ```

use std::collections::BTreeMap;
use std::fmt;

/// What a build makes.
pub enum Truth {
    /// It is refused, or fails.
    Refused,
    /// An image.
    Image(Vec<String>),
}

impl fmt::Display for Truth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => writeln!(f, "refused"),
            Self::Image(lines) => lines.iter().try_for_each(|line| writeln!(f, "{line}")),
        }
    }
}

impl Truth {
    /// What was recorded, by name.
    pub fn read_all(text: &str) -> BTreeMap<String, Self> {
        let mut all = BTreeMap::new();
        for block in text.split("=== ").filter(|block| !block.is_empty()) {
            let mut lines = block.lines().map(str::to_owned);
            let name = lines.next().unwrap();
            let lines: Vec<String> = lines.collect();
            let truth = if lines == ["refused"] {
                Self::Refused
            } else {
                Self::Image(lines)
            };
            all.insert(name, truth);
        }
        all
    }

    pub fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Refused, Self::Refused) => true,
            (Self::Image(a), Self::Image(b)) => a == b,
            _ => false,
        }
    }

    /// Lines that only this one has (`-`, docker) and that only the other has (`+`, ours).
    pub fn difference(&self, other: &Self) -> String {
        let lines = |truth: &Self| -> Vec<String> {
            truth.to_string().lines().map(str::to_owned).collect()
        };
        let (wanted, found) = (lines(self), lines(other));
        let only = |mark: &str, these: &[String], those: &[String]| {
            let lines = these.iter().filter(|line| !those.contains(line));
            lines.fold(String::new(), |text, line| {
                format!("{text}   {mark} {line}\n")
            })
        };
        only("docker:", &wanted, &found) + &only("ours:  ", &found, &wanted)
    }
}
