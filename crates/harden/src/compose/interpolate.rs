//! `${NAME:-default}` in values, as the Compose specification has it (12-interpolation).

/// A value with its variables filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filled {
    /// The value; a variable that has none is empty.
    pub text: String,
    /// Variables that have neither a value nor a default.
    pub unset: Vec<String>,
}

/// Fills in `text`. No variable is set: a default counts, what stands for a variable that is set (`:+`) does not.
pub(super) fn fill(text: &str) -> Filled {
    let mut filled = Filled::default();
    into(text, 0, &mut filled);
    filled
}

fn into(text: &str, depth: usize, filled: &mut Filled) {
    /// Defaults in defaults beyond this are left as they are.
    const DEEPEST: usize = 16;
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        filled.text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            filled.text.push('$');
            rest = after;
        } else if let Some(after) = rest.strip_prefix('{') {
            let Some(end) = closing(after).filter(|_| depth < DEEPEST) else {
                filled.text.push_str("${");
                rest = after;
                continue;
            };
            let inside = &after[..end];
            rest = &after[end + 1..];
            let (name, operator) = inside.split_at(name_length(inside));
            let operator = operator.strip_prefix(':').unwrap_or(operator);
            match operator.chars().next() {
                Some('-') => into(&operator[1..], depth + 1, filled),
                Some('+') => {}
                _ => filled.unset.push(name.to_owned()),
            }
        } else {
            let length = name_length(rest);
            if length == 0 {
                filled.text.push('$');
            } else {
                filled.unset.push(rest[..length].to_owned());
                rest = &rest[length..];
            }
        }
    }
    filled.text.push_str(rest);
}

/// Where the bracket that is open ends.
fn closing(text: &str) -> Option<usize> {
    let mut open = 1;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' if at > 0 && text.as_bytes()[at - 1] == b'$' => open += 1,
            b'}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(at);
        }
    }
    None
}

fn name_length(text: &str) -> usize {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    if starts {
        text.bytes().take_while(|byte| fits(byte)).count()
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn values() {
        for (text, expected, unset) in [
            ("plain", "plain", ""),
            ("$$HOME and $${HOME}", "$HOME and ${HOME}", ""),
            ("${A:-8000}:${B-b}", "8000:b", ""),
            ("${A:-${B:-c}}!", "c!", ""),
            ("${A:+yes}${A+yes}", "", ""),
            ("$A-${B}-${C:?must be set}", "--", "A B C"),
            ("${A:-", "${A:-", ""),
            ("5 $ and $1", "5 $ and $1", ""),
            ("${A:-é}", "é", ""),
        ] {
            let filled = fill(text);
            assert_eq!(filled.text, expected, "{text}");
            assert_eq!(filled.unset.join(" "), unset, "{text}");
        }
    }
}
