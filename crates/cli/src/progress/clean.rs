//! Makes lines of other programs fit to be shown: a build step must not move our cursor.

/// What is kept of escape sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Nothing.
    Text,
    /// Colours and weights (SGR, ECMA-48 8.3.117); the line ends with a reset if it set any.
    Colours,
}

/// The line without control characters and escape sequences; tabs become spaces; of a line that overwrites itself
/// with carriage returns the last state stays.
pub fn clean(line: &str, keep: Keep) -> String {
    let line = line.trim_end_matches('\r');
    let line = line.rsplit('\r').next().unwrap_or(line);
    let mut text = String::with_capacity(line.len());
    let mut coloured = false;
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        if first == '\u{1b}' {
            let (sequence, after) = split_escape(rest);
            let is_colour = sequence.starts_with("\u{1b}[") && sequence.ends_with('m');
            if keep == Keep::Colours && is_colour {
                text.push_str(sequence);
                coloured = true;
            }
            rest = after;
            continue;
        }
        match first {
            '\t' => text.push_str(&" ".repeat(8 - text.chars().count() % 8)),
            // C1 controls too: U+009B is a CSI in one character.
            control if control.is_control() => {}
            other => text.push(other),
        }
        rest = &rest[first.len_utf8()..];
    }
    if coloured {
        text.push_str("\u{1b}[0m");
    }
    text
}

/// Splits an escape sequence off the front of `text`, which begins with ESC (ECMA-48 5.4 for CSI, 5.6 for strings).
fn split_escape(text: &str) -> (&str, &str) {
    let mut bytes = text.bytes().enumerate().skip(1);
    let end = match bytes.next() {
        None => text.len(),
        Some((_, b'[')) => bytes
            .find(|(_, byte)| (0x40..=0x7e).contains(byte))
            .map_or(text.len(), |(index, _)| index + 1),
        Some((_, b']' | b'P' | b'X' | b'^' | b'_')) => {
            let mut previous = 0;
            bytes
                .find(|&(_, byte)| {
                    let ends = byte == 0x07 || (previous == 0x1b && byte == b'\\');
                    previous = byte;
                    ends
                })
                .map_or(text.len(), |(index, _)| index + 1)
        }
        // An intermediate byte, as in ESC ( B, is followed by one more.
        Some((_, 0x20..=0x2f)) => 3,
        Some(_) => 2,
    };
    let mut end = end.min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor() {
        for (line, text, colours) in [
            ("plain", "plain", "plain"),
            ("10%\r50%\r100%\r", "100%", "100%"),
            (
                "\u{1b}[31mred\u{1b}[0m",
                "red",
                "\u{1b}[31mred\u{1b}[0m\u{1b}[0m",
            ),
            ("\u{1b}[2J\u{1b}[Hgone", "gone", "gone"),
            ("\u{1b}]0;title\u{7}x\u{1b}]8;;u\u{1b}\\y", "xy", "xy"),
            ("\u{1b}(Bx", "x", "x"),
            ("a\tb", "a       b", "a       b"),
            ("bell\u{7}\u{9b}31m", "bell31m", "bell31m"),
            ("cut \u{1b}[3", "cut ", "cut "),
            ("cut \u{1b}", "cut ", "cut "),
            ("\u{1b}é!", "!", "!"),
        ] {
            assert_eq!(clean(line, Keep::Text), text, "{line:?}");
            assert_eq!(clean(line, Keep::Colours), colours, "{line:?}");
        }
    }
}
