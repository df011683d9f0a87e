//! What a program prints, line by line, however long its lines are.

use std::io::{BufRead as _, BufReader, Read};

/// What is longer comes in pieces of about so many bytes.
const LONGEST: usize = 64 << 10;

/// Reads to the end; gives each line without its end. A stream that breaks off is at its end.
pub(crate) fn each(reader: impl Read, take: impl FnMut(String)) {
    each_edited(reader, 0, str::to_owned, take);
}

/// Like [`each`], with every line edited. What `edit` looks for, `span` bytes at most, is found also where a line is cut: so
/// much of a piece stays for the next one.
pub(crate) fn each_edited(
    reader: impl Read,
    span: usize,
    edit: impl Fn(&str) -> String,
    mut take: impl FnMut(String),
) {
    let mut reader = BufReader::new(reader);
    let most = LONGEST + span;
    let mut bytes = Vec::new();
    loop {
        let room = most.saturating_sub(bytes.len()).max(1) as u64;
        let more = reader.by_ref().take(room).read_until(b'\n', &mut bytes);
        if !more.is_ok_and(|count| count > 0) {
            break;
        }
        if bytes.ends_with(b"\n") {
            take(edit(text(&bytes).trim_end_matches(['\n', '\r'])));
            bytes.clear();
        } else if bytes.len() >= most {
            let piece;
            (piece, bytes) = cut(bytes, span, &edit);
            take(piece);
        }
    }
    if !bytes.is_empty() {
        take(edit(text(&bytes).trim_end_matches('\r')));
    }
}

/// A piece of a line that is too long, edited, and what is left for the next.
fn cut(mut bytes: Vec<u8>, span: usize, edit: &impl Fn(&str) -> String) -> (String, Vec<u8>) {
    // Not within a character.
    let whole = match std::str::from_utf8(&bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    };
    let rest = bytes.split_off(whole);
    let mut edited = edit(&text(&bytes));
    let mut end = edited.len().saturating_sub(span);
    while !edited.is_char_boundary(end) {
        end -= 1;
    }
    let mut left = edited.split_off(end).into_bytes();
    left.extend_from_slice(&rest);
    (edited, left)
}

fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        each(bytes, |line| lines.push(line));
        lines
    }

    #[test]
    fn lines_end_where_they_end() {
        let cases: [(&[u8], &[&str]); 6] = [
            (b"", &[]),
            (b"a\n\nb\r\n", &["a", "", "b"]),
            (b"a\nno end", &["a", "no end"]),
            (b"\n", &[""]),
            (b"a\xffb\n", &["a\u{fffd}b"]),
            (b"50 %\r100 %\r\n", &["50 %\r100 %"]),
        ];
        for (bytes, expected) in cases {
            assert_eq!(lines(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn what_never_ends_comes_in_pieces() {
        let found = lines("é".repeat(100_000).as_bytes());
        assert!(found.len() > 2 && found.iter().all(|piece| piece.len() <= LONGEST));
        assert_eq!(found.concat(), "é".repeat(100_000));
        // As many bytes as anybody likes, and no more memory.
        let endless = std::io::repeat(b'x').take(50 << 20);
        let mut count = 0;
        each(endless, |piece| {
            assert!(piece.len() <= LONGEST);
            count += piece.len();
        });
        assert_eq!(count, 50 << 20);
    }

    #[test]
    fn what_is_looked_for_is_found_where_a_line_is_cut() {
        let secret = "s3cret";
        for before in LONGEST - 10..LONGEST + 20 {
            let line = format!("{}{secret}{}\n", "x".repeat(before), "y".repeat(LONGEST));
            let mut all = String::new();
            let edit = |text: &str| text.replace(secret, "[]");
            each_edited(line.as_bytes(), secret.len(), edit, |piece| all += &piece);
            let expected = format!("{}[]{}", "x".repeat(before), "y".repeat(LONGEST));
            assert!(all == expected, "{before}");
        }
    }
}
