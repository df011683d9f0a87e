//! Lines without what tells terminals what to do.

/// What ends a string for a terminal (ECMA-48 section 5.6): BEL, CAN, SUB, ESC of ST or of another sequence, ST.
const ENDS: [char; 5] = ['\u{7}', '\u{18}', '\u{1a}', '\u{1b}', '\u{9c}'];

/// A line without control characters and escape sequences, for where those mean nothing; tabs stay.
pub fn plain(line: &str) -> String {
    without(line, |_| false)
}

/// The same with its colours (SGR, ECMA-48 section 8.3.117), for terminals; it ends without any.
pub fn coloured(line: &str) -> String {
    without(line, is_colour)
}

fn without(line: &str, is_kept: fn(&str) -> bool) -> String {
    let mut text = String::with_capacity(line.len());
    let is_text = |letter: &char| *letter == '\t' || !letter.is_control();
    let mut rest = line;
    let mut has_kept = false;
    while let Some(at) = rest.find('\u{1b}') {
        text.extend(rest[..at].chars().filter(is_text));
        let (sequence, after) = rest[at..].split_at(length(&rest[at..]));
        if is_kept(sequence) {
            text.push_str(sequence);
            has_kept = true;
        }
        rest = after;
    }
    text.extend(rest.chars().filter(is_text));
    if has_kept {
        text.push_str("\u{1b}[0m");
    }
    text
}

/// Bytes of the escape sequence that `text` begins with (ECMA-48 sections 5.4 and 5.6, ECMA-35 section 13). What breaks one off
/// is not part of it.
fn length(text: &str) -> usize {
    let rest = &text[1..];
    if rest.starts_with([']', 'P', 'X', '^', '_']) {
        return rest.find(ENDS).map_or(text.len(), |at| at + 1);
    }
    let (begin, inner) = if rest.starts_with('[') {
        (2, b' '..=b'?')
    } else {
        (1, b' '..=b'/')
    };
    let bytes = &text.as_bytes()[begin..];
    let before = bytes
        .iter()
        .take_while(|byte| inner.contains(*byte))
        .count();
    let is_whole = bytes
        .get(before)
        .is_some_and(|last| (b'0'..=b'~').contains(last));
    begin + before + usize::from(is_whole)
}

/// Whether it does nothing but colour: `>` or `?` in front make something else of it.
fn is_colour(sequence: &str) -> bool {
    let parameters = sequence
        .strip_prefix("\u{1b}[")
        .and_then(|rest| rest.strip_suffix('m'));
    let is_one = |byte: u8| byte.is_ascii_digit() || matches!(byte, b';' | b':');
    parameters.is_some_and(|all| all.bytes().all(is_one))
}

#[cfg(test)]
mod tests {
    use super::{coloured, plain};

    #[test]
    fn what_is_no_text_is_left_out() {
        for (line, expected) in [
            ("\u{1b}]0;title\u{7}after", "after"),
            ("\u{1b}]8;;http://a\u{1b}\\link\u{1b}]8;;\u{9c}", "link"),
            ("\u{1b}P1$r0m\u{1b}\\a\u{1b}_x\u{18}b\u{1b}^never", "ab"),
            ("bell\u{7}\rback\u{8}", "bellback"),
            ("\u{1b}[2J\u{1b}[Hgone\u{1b}c\u{1b}(B\u{1b}#8!", "gone!"),
            // U+009B is a CSI in one character.
            ("up\u{9b}1A", "up1A"),
            // What asks for other keys, and what hides a sequence within another.
            ("\u{1b}[>4;2mkeys\u{1b}[?4m", "keys"),
            ("\u{1b}[3\u{8}1m\u{1b}[\u{1b}[2Jm", "1mm"),
            ("\u{1b}[\u{9d}0;title\u{9c}m", "0;titlem"),
            ("\u{1b}é", "é"),
            ("ends in \u{1b}", "ends in "),
            ("ends in \u{1b}[12", "ends in "),
            ("tab\tkept", "tab\tkept"),
        ] {
            assert_eq!(plain(line), expected, "{line:?}");
            assert_eq!(coloured(line), expected, "{line:?}");
        }
    }

    #[test]
    fn colours_are_kept_where_they_mean_something() {
        for (line, expected, in_colour) in [
            (
                "\u{1b}[1;31mred\u{1b}[0m text",
                "red text",
                "\u{1b}[1;31mred\u{1b}[0m text\u{1b}[0m",
            ),
            (
                "\u{1b}[38:5:1mred\u{1b}[2K\u{1b}[m",
                "red",
                "\u{1b}[38:5:1mred\u{1b}[m\u{1b}[0m",
            ),
        ] {
            assert_eq!(plain(line), expected, "{line:?}");
            assert_eq!(coloured(line), in_colour, "{line:?}");
        }
    }
}
