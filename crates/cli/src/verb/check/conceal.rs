//! What is secret in the text that is shown beside a finding: terminals are logged, and logs are read by many.

use std::ops::Range;

use boatyard_plan::secret::said;

/// Rules that find secrets.
const OF_SECRETS: [&str; 4] = ["C02", "D15", "M17", "P05"];

/// The text with stars in place of the secrets in it, as long as it was; of what `rule` found at `span` also what stands behind it.
pub fn conceal(text: &str, rule: &str, span: &Range<usize>) -> String {
    let mut shown = text.to_owned();
    for secret in said(text) {
        shown = shown.replace(secret, &"*".repeat(secret.len()));
    }
    if OF_SECRETS.contains(&rule) {
        let length = text[span.start..].lines().next().unwrap_or("").len();
        let end = span.start + length;
        let line = &text[span.start..end];
        // ENV NAME value
        let is_old = text[..span.start]
            .trim_end()
            .to_ascii_uppercase()
            .ends_with("ENV");
        let from = value(line, span.len()).or_else(|| {
            is_old
                .then_some(span.len())
                .filter(|from| line[*from..].starts_with(' '))
        });
        if let Some(from) = from.map(|from| span.start + from) {
            let stars = text[from..end].bytes().map(|byte| match byte {
                b' ' | b'"' | b'\'' => char::from(byte),
                _ => '*',
            });
            shown.replace_range(from..end, &stars.collect::<String>());
        }
    }
    shown
}

/// Where the value begins in a line that begins with what was found, which is `found` bytes long: `NAME=value`, `NAME: value`,
/// `NAME, value: value}`.
fn value(line: &str, found: usize) -> Option<usize> {
    let name = &line[..found.min(line.len())];
    if let Some(at) = name.find('=') {
        return Some(at + 1);
    }
    let rest = &line[name.len()..];
    let behind = rest.trim_start_matches(['"', '\'', ' ']);
    let is_set = behind.starts_with(['=', ':', ',']);
    is_set.then(|| line.len() - behind.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::conceal;

    #[test]
    fn lines() {
        for (text, rule, found, expected) in [
            (
                "ENV TOKEN=abc A=b\nRUN x",
                "D15",
                "TOKEN",
                "ENV TOKEN=*** ***\nRUN x",
            ),
            ("COPY .env /app/", "D15", ".env", "COPY .env /app/"),
            (
                "  DB_PASSWORD: \"hé\"",
                "C02",
                "DB_PASSWORD",
                "  DB_PASSWORD: \"***\"",
            ),
            ("- TOKEN=abc", "C02", "TOKEN=abc", "- TOKEN=***"),
            (
                "{name: TOKEN, value: abc}",
                "M17",
                "TOKEN",
                "{name: TOKEN, ****** ****",
            ),
            (
                "CMD a --x redis://:pw@h",
                "D01",
                "a",
                "CMD a --x redis://:**@h",
            ),
            ("image: redis", "C02", "redis", "image: redis"),
            ("TOKEN = \"abc\"", "P05", "TOKEN", "TOKEN = \"***\""),
            (
                "ENV TOKEN abc d\nRUN x",
                "D15",
                "TOKEN",
                "ENV TOKEN *** *\nRUN x",
            ),
        ] {
            let at = text.find(found).expect("it is there");
            let shown = conceal(text, rule, &(at..at + found.len()));
            assert_eq!(shown, expected, "{text}");
            assert_eq!(shown.len(), text.len(), "{text}");
        }
    }
}
