//! Commands that are one string: split into words as Compose does it, without a shell.

/// The words of `line`: quotes and backslashes as in a shell, nothing else means anything.
pub(super) fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' | '\t' | '\n' | '\r' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                word.extend(letters.by_ref().take_while(|c| *c != '\''));
            }
            '"' => {
                let word = word.get_or_insert_default();
                while let Some(inside) = letters.next().filter(|c| *c != '"') {
                    let next = if inside == '\\' {
                        letters.next()
                    } else {
                        Some(inside)
                    };
                    if inside == '\\' && !matches!(next, Some('"' | '\\' | '$' | '`')) {
                        word.push('\\');
                    }
                    word.extend(next);
                }
            }
            '\\' => word.get_or_insert_default().extend(letters.next()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn lines() {
        for (line, expected) in [
            ("a  b\nc", vec!["a", "b", "c"]),
            ("a 'b c' \"d \\\" e\"", vec!["a", "b c", "d \" e"]),
            ("a\\ b \"\" ''", vec!["a b", "", ""]),
            ("\"a\\nb\"", vec!["a\\nb"]),
            ("'open", vec!["open"]),
            ("", vec![]),
        ] {
            assert_eq!(split(line), expected, "{line}");
        }
    }
}
