//! Control files: paragraphs of `Field: value` lines (deb822(5)).
//!
//! ```text
//! Package: libc6
//! Depends: libgcc-s1, libcrypt1 (>= 1:4.4.10-10~)
//! Description: GNU C Library: Shared libraries
//!  Continuation lines begin with a space or a tab.
//! ```

/// One paragraph: its fields in the order of the text. Borrowed from the text; values keep their continuation lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paragraph<'a> {
    fields: Vec<(&'a str, &'a str)>,
}

impl<'a> Paragraph<'a> {
    /// The value of a field (its name in any case), without blanks around it; continuation lines as they stand.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.fields
            .iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }

    /// All fields, in order.
    pub fn fields(&self) -> &[(&'a str, &'a str)] {
        &self.fields
    }
}

/// The paragraphs of a text, one after the other. Lines that are no field and no continuation are passed over; so are
/// comments (`#` in the first column).
pub fn paragraphs(text: &str) -> impl Iterator<Item = Paragraph<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let (paragraph, after) = first_paragraph(rest);
            rest = after;
            if !paragraph.fields.is_empty() {
                return Some(paragraph);
            }
        }
    })
}

/// The first paragraph of a text (possibly without fields), and what follows its blank line.
fn first_paragraph(text: &str) -> (Paragraph<'_>, &str) {
    let mut fields = Vec::new();
    // Where the value of the open field begins and ends, as offsets into the text.
    let mut open: Option<(&str, usize, usize)> = None;
    let mut at = 0;
    while at < text.len() {
        let end = text[at..]
            .find('\n')
            .map_or(text.len(), |length| at + length);
        let next = (end + 1).min(text.len());
        let line = &text[at..end];
        if line.trim_end().is_empty() {
            at = next;
            break;
        }
        if line.starts_with([' ', '\t']) {
            if let Some((_, _, value_end)) = &mut open {
                *value_end = end;
            }
        } else if !line.starts_with('#') {
            if let Some((name, from, to)) = open.take() {
                fields.push((name, text[from..to].trim()));
            }
            if let Some((name, _)) = line.split_once(':') {
                open = Some((name, at + name.len() + 1, end));
            }
        }
        at = next;
    }
    if let Some((name, from, to)) = open {
        fields.push((name, text[from..to].trim()));
    }
    (Paragraph { fields }, &text[at..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_fields_continuations_comments_and_blank_lines() {
        let text = "\n# note\nPackage: a\nDescription: one\n two\n .\n three\n\n \nPackage:b\nlonely\nEmpty:\n";
        let all: Vec<_> = paragraphs(text).collect();
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].get("package"), Some("a"));
        assert_eq!(all[0].get("Description"), Some("one\n two\n .\n three"));
        assert_eq!(all[1].get("Package"), Some("b"));
        assert_eq!(all[1].get("Empty"), Some(""));
        assert_eq!(all[1].get("Absent"), None);
    }

    proptest! {
        #[test]
        fn reads_back_what_was_written(
            written in prop::collection::vec(
                prop::collection::vec(("[A-Z][a-z]{0,8}", "[a-z0-9]([a-z0-9 .,:]{0,20}[a-z0-9])?"), 1..5), 0..5)
        ) {
            let text: String = written.iter().map(|fields| {
                fields.iter().map(|(name, value)| format!("{name}: {value}\n")).collect::<Vec<_>>().concat() + "\n"
            }).collect();
            let read: Vec<Vec<(String, String)>> = paragraphs(&text).map(|paragraph| {
                paragraph.fields().iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
            }).collect();
            prop_assert_eq!(read, written);
        }

        #[test]
        fn never_panics(text in "\\PC{0,200}") {
            for paragraph in paragraphs(&text) {
                prop_assert!(!paragraph.fields().is_empty());
            }
        }
    }
}
