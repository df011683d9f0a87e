//! Texts that are wider than the terminal.

use std::io::{IsTerminal as _, stdout};

use unicode_width::UnicodeWidthStr as _;

use super::terminal;

/// `text` broken between words so that it fits, if standard output is a terminal; later lines begin after `indent`
/// columns, where the first one begins too.
pub fn fold(text: &str, indent: usize) -> String {
    if stdout().is_terminal() {
        fold_to(text, indent, terminal::size().width)
    } else {
        text.to_owned()
    }
}

fn fold_to(text: &str, indent: usize, width: usize) -> String {
    // Narrower columns would be harder to read than lines that the terminal breaks.
    let room = width.saturating_sub(indent).max(24);
    let mut folded = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        if used > 0 && used + 1 + word.width() > room {
            folded.push('\n');
            folded.push_str(&" ".repeat(indent));
            used = 0;
        } else if used > 0 {
            folded.push(' ');
            used += 1;
        }
        folded.push_str(word);
        used += word.width();
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_between_words() {
        assert_eq!(
            fold_to("one two three four five six seven", 2, 26),
            "one two three four five\n  six seven"
        );
    }
}
