//! Lines without what only terminals understand.

/// A line without what colours it and moves cursors (ECMA-48: CSI and OSC sequences), for where that means nothing.
pub fn plain(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\u{1b}' {
            if letter == '\t' || !letter.is_control() {
                plain.push(letter);
            }
            continue;
        }
        match letters.next() {
            Some('[') => {
                while letters
                    .next()
                    .is_some_and(|one| !('\u{40}'..='\u{7e}').contains(&one))
                {}
            }
            Some(']') => {
                while letters
                    .next()
                    .is_some_and(|one| one != '\u{7}' && one != '\u{1b}')
                {}
            }
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_is_no_text_is_left_out() {
        for (line, expected) in [
            ("\u{1b}[1;31mred\u{1b}[0m text", "red text"),
            ("\u{1b}]0;title\u{7}after", "after"),
            ("bell\u{7}\rback\u{8}", "bellback"),
            ("ends in \u{1b}", "ends in "),
            ("ends in \u{1b}[12", "ends in "),
            ("tab\tkept", "tab\tkept"),
        ] {
            assert_eq!(plain(line), expected, "{line:?}");
        }
    }
}
