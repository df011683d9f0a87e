//! A unit file: sections of keys, with reasons.

use std::fmt::Write as _;

/// A unit file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Unit {
    text: String,
}

impl Unit {
    /// An empty one that says where it comes from.
    pub(super) fn new() -> Self {
        Self {
            text: "# Made from boatyard.toml by \"boatyard render quadlet\": change that file, and make this one again.\n".to_owned(),
        }
    }

    /// With a section at its end.
    pub(super) fn section(mut self, name: &str) -> Self {
        let _ = writeln!(self.text, "\n[{name}]");
        self
    }

    /// With a key at its end.
    pub(super) fn set(mut self, key: &str, value: impl std::fmt::Display) -> Self {
        let _ = writeln!(self.text, "{key}={value}");
        self
    }

    /// With a key at its end, and the reason above it.
    pub(super) fn because(mut self, why: &str, key: &str, value: impl std::fmt::Display) -> Self {
        let _ = writeln!(self.text, "# {why}");
        self.set(key, value)
    }

    /// Its text.
    pub(super) fn text(self) -> String {
        self.text
    }
}

/// A text in which `%` is no specifier (systemd.unit(5)).
pub(super) fn percent(text: &str) -> String {
    text.replace('%', "%%")
}

/// A word as systemd.syntax(7) and the splitting of Quadlet read it back: `%` is doubled, what is not plain is quoted.
pub(super) fn word(text: &str) -> String {
    let text = percent(text);
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,@+%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text;
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            // Values of commands are expanded once more by systemd.
            c if c.is_control() => {
                let _ = write!(quoted, "\\x{:02x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Words of a command: a dollar sign is none of systemd's (systemd.service(5), command lines).
pub(super) fn command<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words = words.into_iter().map(|text| word(&text.replace('$', "$$")));
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{command, word};

    #[test]
    fn words() {
        for (text, expected) in [
            ("a=b", "a=b"),
            ("a b", "\"a b\""),
            ("100%", "100%%"),
            ("a \"b\" \\", "\"a \\\"b\\\" \\\\\""),
            ("", "\"\""),
            ("a\nb", "\"a\\nb\""),
        ] {
            assert_eq!(word(text), expected, "{text}");
        }
        assert_eq!(command(["exec", "--", "a $B"]), "exec -- \"a $$B\"");
    }
}
