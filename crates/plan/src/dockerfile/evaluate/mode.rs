//! `--chmod`: `0755`, or `u=rwX,go=rX` as chmod(1) has it.

/// Whether `text` is one: octal up to 7777, or symbolic clauses parted by commas.
pub(super) fn is_mode(text: &str) -> bool {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return u32::from_str_radix(text, 8).is_ok_and(|mode| mode <= 0o7777);
    }
    !text.is_empty() && text.split(',').all(is_clause)
}

/// `[ugoa...][+-=][rwxXst... | u | g | o]...`
fn is_clause(text: &str) -> bool {
    let mut rest = text.trim_start_matches(['u', 'g', 'o', 'a']);
    if rest.is_empty() {
        return false;
    }
    while let Some(after) = rest.strip_prefix(['+', '-', '=']) {
        rest = match after.strip_prefix(['u', 'g', 'o']) {
            Some(after) => after,
            None => after.trim_start_matches(['r', 'w', 'x', 'X', 's', 't']),
        };
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::is_mode;

    #[test]
    fn modes() {
        for text in [
            "0",
            "644",
            "0755",
            "7777",
            "u+x",
            "+x",
            "a=rX",
            "u=rwX,go=rX",
            "g=u",
            "o-rwx",
            "u+s",
            "+t",
            "u=",
            "u+r-w",
            "go=",
        ] {
            assert!(is_mode(text), "{text}");
        }
        for text in [
            "", "8", "10000", "77777", "u", "x", "u+z", "u+x,", "rwx", "u+x g+x", "0x1",
        ] {
            assert!(!is_mode(text), "{text}");
        }
    }
}
