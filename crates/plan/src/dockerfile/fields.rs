//! `a=b,"c=d,e",f`: the value of `--mount` is one line of comma-separated values (RFC 4180).

/// The fields, quotes gone. `None` if a quote is not closed or stands within a field.
pub(super) fn fields(text: &str) -> Option<Vec<String>> {
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let (field, after) = if let Some(quoted) = rest.strip_prefix('"') {
            closed(quoted)?
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            if rest[..end].contains('"') {
                return None;
            }
            (rest[..end].to_owned(), &rest[end..])
        };
        fields.push(field);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None if after.is_empty() => return Some(fields),
            None => return None,
        }
    }
}

/// What stands before the closing quote, and what after it. Two quotes are one character.
fn closed(mut text: &str) -> Option<(String, &str)> {
    let mut field = String::new();
    loop {
        let (before, after) = text.split_once('"')?;
        field.push_str(before);
        match after.strip_prefix('"') {
            Some(next) => {
                field.push('"');
                text = next;
            }
            None => return Some((field, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fields;

    #[test]
    fn lines() {
        for (text, expected) in [
            ("a=b,c", Some(&["a=b", "c"][..])),
            ("", Some(&[""])),
            ("a,,b,", Some(&["a", "", "b", ""])),
            ("\"a=b,c\",d", Some(&["a=b,c", "d"])),
            ("\"a\"\"b\"", Some(&["a\"b"])),
            ("\"\"", Some(&[""])),
            ("\"a", None),
            ("a\"b\"", None),
            ("\"a\"b", None),
        ] {
            let expected =
                expected.map(|fields| fields.iter().map(|&field| field.to_owned()).collect());
            assert_eq!(fields(text), expected, "{text}");
        }
    }
}
