//! `exec` in front of one simple command, so that the shell does not stay between init and the application.

use super::reserved;

/// The line with `exec` before its command (after leading assignments), if it certainly is one simple command that is
/// not part of the shell.
pub fn with_exec(line: &str) -> Option<String> {
    let trimmed = line.trim_matches([' ', '\t', '\n']);
    let mut scan = Scan { rest: trimmed };
    let mut at = 0;
    loop {
        let word = scan.word()?;
        if is_assignment(word.text) {
            scan.skip_blanks();
            at = trimmed.len() - scan.rest.len();
            continue;
        }
        if !can_follow_exec(&word) {
            return None;
        }
        break;
    }
    while !scan.rest.is_empty() {
        scan.skip_blanks();
        if scan.rest.starts_with('#') {
            break;
        }
        scan.word()?;
    }
    let (assignments, command) = trimmed.split_at(at);
    Some(format!("{assignments}exec {command}"))
}

struct Scan<'a> {
    rest: &'a str,
}

struct Word<'a> {
    text: &'a str,
    /// Whether it has a slash outside `${}`, and so is certainly a path.
    is_path: bool,
}

impl<'a> Scan<'a> {
    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    /// Takes a word, quotes and redirections included. `None` at an operator that makes the line more than one simple
    /// command, at a substitution, and at an unfinished quote.
    fn word(&mut self) -> Option<Word<'a>> {
        let start = self.rest;
        let mut characters = start.char_indices();
        let (mut quoted, mut braces, mut is_path, mut before) = (false, 0_usize, false, ' ');
        let end = loop {
            let Some((index, character)) = characters.next() else {
                break start.len();
            };
            match character {
                '\\' => drop(characters.next()?),
                '"' => quoted = !quoted,
                '\'' if !quoted => {
                    characters.find(|&(_, c)| c == '\'')?;
                }
                '`' => return None,
                '(' if before == '$' => return None,
                '{' if before == '$' => braces += 1,
                '}' if braces > 0 => braces -= 1,
                '/' if braces == 0 => is_path = true,
                ' ' | '\t' if !quoted && braces == 0 => break index,
                '&' if !quoted && ['<', '>'].contains(&before) => {}
                ';' | '&' | '|' | '(' | ')' | '\n' if !quoted => return None,
                _ => {}
            }
            before = character;
        };
        if quoted || braces > 0 {
            return None;
        }
        let (text, rest) = start.split_at(end);
        self.rest = rest;
        Some(Word { text, is_path })
    }
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
            && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
    })
}

/// Whether the word is certainly a program: a path, or a plain name that is not part of the shell.
fn can_follow_exec(word: &Word<'_>) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.,/+@%:-".contains(c);
    let is_expanded_or_redirected = word.text.contains(['<', '>', '~', '*', '?', '[']);
    let name = word.text;
    if name.is_empty() || is_expanded_or_redirected {
        return false;
    }
    if !name.chars().all(is_plain) {
        return word.is_path;
    }
    !reserved::is_word(name)
        && !reserved::is_builtin(name.as_bytes())
        && !reserved::is_builtin_and_program(name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::with_exec;

    #[test]
    fn simple_commands() {
        for (line, expected) in [
            ("gunicorn app:app", "exec gunicorn app:app"),
            ("  gunicorn app:app\n", "exec gunicorn app:app"),
            ("a > /log 2>&1", "exec a > /log 2>&1"),
            ("a # and why", "exec a # and why"),
            ("a ';' \"&&\" \\;", "exec a ';' \"&&\" \\;"),
            ("A=1 B=\"x y\" run it", "A=1 B=\"x y\" exec run it"),
            ("\"$VENV/bin/a\" b", "exec \"$VENV/bin/a\" b"),
            ("a ${B:-x y} c", "exec a ${B:-x y} c"),
            ("a *.txt", "exec a *.txt"),
        ] {
            assert_eq!(with_exec(line).as_deref(), Some(expected), "{line:?}");
        }
    }

    #[test]
    fn everything_else() {
        for line in [
            "",
            "A=1",
            "a; b",
            "a & b",
            "a &",
            "a && b",
            "a | b",
            "a\nb",
            "(a)",
            "a $(b)",
            "a `b`",
            "if a; then b; fi",
            "{ a; }",
            "! a",
            "cd /x",
            "exec a",
            "echo a",
            "$CMD a",
            "\"$CMD\" a",
            "${CMD:-/bin/a} b",
            "> /log a",
            "a 'b",
            "a \"b",
            "a \\",
            "a ${b",
            "~/bin/a",
        ] {
            assert_eq!(with_exec(line), None, "{line:?}");
        }
    }
}
