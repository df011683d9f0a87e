//! The beginning of an instruction: its keyword and its flags.

use std::ops::Range;

use super::line::Part;
use super::words::is_blank;

/// An instruction in its three parts.
#[derive(Debug)]
pub(super) struct Head<'l> {
    /// All of it.
    pub whole: Part<'l>,
    /// The first word.
    pub keyword: Part<'l>,
    /// What begins with two dashes after it.
    pub flags: Vec<RawFlag<'l>>,
    /// The rest.
    pub arguments: Part<'l>,
}

/// A flag as it is written.
#[derive(Debug)]
pub(super) struct RawFlag<'l> {
    /// Where it stands.
    pub part: Part<'l>,
    /// What it says once quotes and escapes are gone.
    pub text: String,
}

impl<'l> Head<'l> {
    /// Splits an instruction without white space around it.
    pub fn split(whole: Part<'l>, escape: char) -> Self {
        let text = whole.text();
        let end = text.find(is_blank).unwrap_or(text.len());
        let rest = whole.from(end);
        let (ranges, after) = flags(rest.text(), escape);
        let flags = ranges
            .into_iter()
            .map(|(range, text)| RawFlag {
                part: rest.sub(range),
                text,
            })
            .collect();
        Self {
            keyword: whole.sub(0..end),
            flags,
            arguments: rest.from(after).trim(),
            whole,
        }
    }
}

/// The flags at the beginning of `text`, and where what follows them begins. `--` alone ends them.
fn flags(text: &str, escape: char) -> (Vec<(Range<usize>, String)>, usize) {
    let mut flags = Vec::new();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let start = at + (rest.len() - rest.trim_start_matches(is_blank).len());
        if !text[start..].starts_with("--") {
            return (flags, start);
        }
        let (end, said) = flag(text, start, escape);
        at = end;
        if said == "--" {
            return (flags, end);
        }
        flags.push((start..end, said));
    }
}

/// The flag at `start`: where it ends, and what it says. Quotes hold white space together; the escape character takes the
/// meaning from what follows it.
fn flag(text: &str, start: usize, escape: char) -> (usize, String) {
    let mut said = String::new();
    let mut quote = None;
    let mut chars = text[start..].char_indices();
    while let Some((at, c)) = chars.next() {
        if c == escape {
            said.extend(chars.next().map(|(_, escaped)| escaped));
        } else if quote == Some(c) {
            quote = None;
        } else if quote.is_some() {
            said.push(c);
        } else if c == '\'' || c == '"' {
            quote = Some(c);
        } else if is_blank(c) {
            return (start + at, said);
        } else {
            said.push(c);
        }
    }
    (text.len(), said)
}

#[cfg(test)]
mod tests {
    use super::flags;

    #[test]
    fn flags_end_where_words_begin() {
        let table: [(&str, &[&str], &str); 8] = [
            (" --a --b=c d --e", &["--a", "--b=c"], "d --e"),
            (" -a", &[], "-a"),
            (" -- --a", &[], " --a"),
            (" --a -- --b", &["--a"], " --b"),
            (" --a='b c'\"d e\" f", &["--a=b cd e"], "f"),
            (" --a=b\\ c\\\\ d", &["--a=b c\\"], "d"),
            (" --a='b c", &["--a=b c"], ""),
            (" --\u{fc}=\u{a0}x\ty", &["--\u{fc}=\u{a0}x"], "y"),
        ];
        for (text, expected, rest) in table {
            let (found, after) = flags(text, '\\');
            let found: Vec<&str> = found.iter().map(|(_, said)| said.as_str()).collect();
            assert_eq!(
                (found.as_slice(), &text[after..]),
                (expected, rest),
                "{text:?}"
            );
        }
    }
}
