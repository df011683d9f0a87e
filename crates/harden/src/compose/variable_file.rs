//! Files of variables: what `env_file` names.

/// Names and values in the order of the file; without `=` there is no value. What single quotes hold is filled in with nothing.
pub(super) fn read(text: &str) -> Vec<(String, Option<String>)> {
    text.lines().filter_map(line).collect()
}

fn line(line: &str) -> Option<(String, Option<String>)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let Some((name, value)) = line.split_once('=') else {
        return Some((line.to_owned(), None));
    };
    let value = value.trim();
    let quoted = |quote: char| {
        let inner = value.strip_prefix(quote)?;
        Some(inner.split(quote).next().unwrap_or(inner).to_owned())
    };
    let value = if let Some(literal) = quoted('\'') {
        literal.replace('$', "$$")
    } else if let Some(inner) = quoted('"') {
        inner.replace("\\n", "\n")
    } else {
        value
            .split(" #")
            .next()
            .unwrap_or(value)
            .trim_end()
            .to_owned()
    };
    Some((name.trim().to_owned(), Some(value)))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn lines() {
        let text = "# a\n\nA=1 # one\nexport B = 'x $y' z\nC=\"a b\"\nD\nE=\nF=a#b\n";
        let found = read(text);
        let said: Vec<String> = found
            .iter()
            .map(|(name, value)| format!("{name}={}", value.as_deref().unwrap_or("-")))
            .collect();
        assert_eq!(said, ["A=1", "B=x $$y", "C=a b", "D=-", "E=", "F=a#b"]);
    }
}
