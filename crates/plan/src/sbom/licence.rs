//! What a package says of its licence.

/// What a package says of its licence. We never guess one from a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Licence {
    /// An SPDX expression, well formed: `MIT OR Apache-2.0`.
    Expression(String),
    /// Words of the package's own: `BSD`, or a whole licence.
    Words(String),
}

impl Licence {
    /// An expression if `text` is one, else words.
    pub fn stated(text: &str) -> Self {
        if is_expression(text) {
            Self::Expression(text.split_whitespace().collect::<Vec<_>>().join(" "))
        } else {
            Self::Words(text.to_owned())
        }
    }
}

/// Whether `text` has the form of an SPDX 2.3 licence expression (annex D). Whether its identifiers are known is not
/// looked up: new ones come with each release of the list.
fn is_expression(text: &str) -> bool {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let (mut depth, mut wants_operand, mut is_exception) = (0_u32, true, false);
    for word in spaced.split_whitespace() {
        match (word, wants_operand) {
            ("(", true) if !is_exception => depth += 1,
            (")", false) if depth > 0 => depth -= 1,
            ("AND" | "OR" | "WITH", false) => {
                is_exception = word == "WITH";
                wants_operand = true;
            }
            ("AND" | "OR" | "WITH" | "(" | ")", _) => return false,
            (_, true) if is_identifier(word) => (wants_operand, is_exception) = (false, false),
            _ => return false,
        }
    }
    depth == 0 && !wants_operand
}

fn is_identifier(word: &str) -> bool {
    let bare = word.strip_suffix('+').unwrap_or(word);
    // References to other documents need documents that say what they are; a package's metadata has none.
    !bare.is_empty()
        && !bare.starts_with("DocumentRef-")
        && !bare.starts_with("LicenseRef-")
        && bare
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::is_expression;

    #[test]
    fn expressions_and_words() {
        for good in [
            "MIT",
            "GPL-2.0-or-later WITH Classpath-exception-2.0",
            "(MIT OR Apache-2.0) AND BSD-3-Clause",
            "GPL-2.0+",
            "((MIT))",
        ] {
            assert!(is_expression(good), "{good}");
        }
        for bad in [
            "",
            "BSD License",
            "MIT/X11",
            "MIT OR",
            "AND MIT",
            "(MIT",
            "MIT)",
            "()",
            "MIT WITH (x)",
            "MIT (BSD)",
            "LicenseRef-own",
            "Dual License, MIT",
        ] {
            assert!(!is_expression(bad), "{bad}");
        }
    }
}
