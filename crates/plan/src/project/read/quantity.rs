//! Quantities as Kubernetes writes them: `250m`, `1.5`, `512Mi`, `2Gi`.

use crate::document::{Findings, Section};
use toml::de::DeValue;

/// Endings: thousandths, powers of 1000, powers of 1024 (apimachinery, `resource.Quantity`).
const ENDINGS: [&str; 14] = [
    "m", "", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei",
];

/// The quantity at `key`: a string, or a whole number.
pub(super) fn read(table: &Section<'_>, key: &str, findings: &mut Findings) -> Option<String> {
    let text = match table.value(key) {
        Some(DeValue::Integer(number)) => number.to_string(),
        _ => table.string(key, findings)?,
    };
    if !is_quantity(&text) {
        findings
            .value(
                &table.path(key),
                format!("{key} is \"{text}\", which is not a quantity"),
            )
            .with_label("a number with its unit")
            .with_help(
                "for example \"250m\" or \"1\" for processors, \"512Mi\" or \"2Gi\" for memory",
            );
    }
    Some(text)
}

fn is_quantity(text: &str) -> bool {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(text.len());
    let (number, ending) = text.split_at(end);
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits(whole) && digits(part) && ENDINGS.contains(&ending)
}

#[cfg(test)]
mod tests {
    use super::is_quantity;

    #[test]
    fn quantities() {
        for (text, expected) in [
            ("250m", true),
            ("1", true),
            ("0.5", true),
            ("512Mi", true),
            ("2G", true),
            ("512MB", false),
            ("512 Mi", false),
            ("Mi", false),
            ("", false),
            ("1.", false),
            ("-1", false),
        ] {
            assert_eq!(is_quantity(text), expected, "{text:?}");
        }
    }
}
