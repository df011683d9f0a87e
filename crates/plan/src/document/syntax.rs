//! What keeps a text from being TOML.

use toml::de::{DeTable, Error};

use crate::diagnostic::Diagnostic;

/// The table that `text` is, or what keeps it from being TOML, in the order of the text.
pub fn table(text: &str) -> Result<DeTable<'_>, Vec<Diagnostic>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        Ok(document.into_inner())
    } else {
        Err(mistakes(&errors, text))
    }
}

/// The errors of the TOML parser in the order of the text, the first of each line: what follows on the same line is most
/// often its consequence.
fn mistakes(errors: &[Error], text: &str) -> Vec<Diagnostic> {
    let mut mistakes: Vec<Diagnostic> = errors.iter().map(|error| syntax(error, text)).collect();
    mistakes.sort_by_key(|mistake| mistake.span.start);
    mistakes.dedup_by_key(|mistake| mistake.position(text).0);
    mistakes
}

fn syntax(error: &Error, text: &str) -> Diagnostic {
    let span = error.span().unwrap_or(0..0);
    let start = span.start.min(text.len());
    let end = span.end.clamp(start, text.len());
    let wrong = text.get(start..end).unwrap_or("");
    let (found, expected) = match error.message().split_once(", expected ") {
        Some((found, expected)) => (found, Some(expected)),
        None => (error.message(), None),
    };
    let (message, label, help) = match found {
        "string values must be quoted" if wrong.is_empty() => {
            ("a value is missing".to_owned(), "no value", None)
        }
        "string values must be quoted" => {
            let quoted = (!wrong.contains(['"', '\\', '\n'])).then(|| format!("write \"{wrong}\""));
            (
                "a string must be in quotes".to_owned(),
                "not a value of TOML",
                quoted,
            )
        }
        "duplicate key" => (
            format!("{wrong} is given twice"),
            "given above already",
            None,
        ),
        _ => {
            let expected = expected
                .map(|expected| format!("; expected {expected}"))
                .unwrap_or_default();
            (
                format!("{found}{expected}").replace('\n', "; "),
                "not TOML",
                None,
            )
        }
    };
    Diagnostic {
        message,
        span: start..end,
        label: label.to_owned(),
        help,
    }
}
