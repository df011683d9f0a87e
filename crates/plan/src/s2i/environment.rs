//! `.s2i/environment`: variables of the image, and of building it.

use crate::diagnostic::Diagnostic;

/// The variables of the file, in its order: `NAME=value` on each line, comments begin with `#`. Quotes around a value are
/// not part of it.
///
/// # Errors
/// All lines that are neither.
pub fn environment(text: &str) -> Result<Vec<(String, String)>, Vec<Diagnostic>> {
    let (mut pairs, mut mistakes, mut at) = (Vec::new(), Vec::new(), 0);
    for whole in text.split_inclusive('\n') {
        let start = at + (whole.len() - whole.trim_start().len());
        at += whole.len();
        let line = whole.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line_alone = line.strip_prefix("export ").unwrap_or(line);
        match crate::release::variable(line_alone.trim_start()) {
            Ok((name, value)) => pairs.push((name, unquoted(value.trim()).to_owned())),
            Err(problem) => mistakes.push(Diagnostic {
                message: "a line is not a variable".to_owned(),
                span: start..start + line.len(),
                label: problem.to_owned(),
                help: None,
            }),
        }
    }
    if mistakes.is_empty() {
        Ok(pairs)
    } else {
        Err(mistakes)
    }
}

fn unquoted(value: &str) -> &str {
    let inside = |quote| {
        value
            .strip_prefix(quote)
            .and_then(|rest: &str| rest.strip_suffix(quote))
    };
    inside('"').or_else(|| inside('\'')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::environment;

    #[test]
    fn variables() {
        let text = "# ours\nAPP_MODULE=\"app:application\"\n\n export A='b c'\nB=x=y\nC=\n";
        let found = environment(text).unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("APP_MODULE", "app:application"),
                ("A", "b c"),
                ("B", "x=y"),
                ("C", "")
            ]
        );
        let text = "A=1\nnothing\n";
        let mistakes = environment(text).unwrap_err();
        assert_eq!(mistakes[0].position(text), (2, 1));
    }
}
