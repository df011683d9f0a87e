//! Addresses of our own pages.

use crate::web::search::Asked;

/// A path with what is asked for, as far as it is said, and some more; `more` comes instead of the same from `asked`.
pub fn with(path: &str, more: &[(&str, &str)], asked: &Asked) -> String {
    let of_asked = [
        ("repository", &asked.repository),
        ("branch", &asked.branch),
        ("pull_request", &asked.pull_request),
        ("phase", &asked.phase),
        ("text", &asked.text),
        ("limit", &asked.limit),
    ];
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in of_asked {
        if !value.is_empty() && !more.iter().any(|(other, _)| *other == name) {
            query.append_pair(name, value);
        }
    }
    query.extend_pairs(more);
    let query = query.finish();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

/// A path of ours, if that is what `text` is: nobody is sent anywhere else.
pub fn own(text: &str) -> &str {
    let is_path = text.starts_with('/')
        && !text.starts_with("//")
        && !text.contains(|letter: char| letter == '\\' || letter.is_control());
    if is_path { text } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::{own, with};
    use crate::web::search::Asked;

    #[test]
    fn what_is_asked_stays_in_the_address() {
        let asked = Asked {
            text: "a b&c".to_owned(),
            phase: "asleep".to_owned(),
            ..Asked::default()
        };
        assert_eq!(with("/", &[], &asked), "/?phase=asleep&text=a+b%26c");
        assert_eq!(
            with("/", &[("phase", "failed")], &asked),
            "/?text=a+b%26c&phase=failed"
        );
        assert_eq!(with("/live", &[], &Asked::default()), "/live");
    }

    #[test]
    fn nobody_is_sent_elsewhere() {
        for (text, expected) in [
            ("/queue?x=1", "/queue?x=1"),
            ("https://evil.test/", "/"),
            ("//evil.test/", "/"),
            ("/\\evil.test", "/"),
            ("/\t/evil.test", "/"),
            ("/\u{1}", "/"),
            ("", "/"),
        ] {
            assert_eq!(own(text), expected, "{text}");
        }
    }
}
