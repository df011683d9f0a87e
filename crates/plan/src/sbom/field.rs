//! Headers as dpkg (deb822(5)) and Python's metadata (RFC 822) write them.
//!
//! ```text
//! Name: requests
//! License: a text that goes on
//!  in lines which begin with a blank
//! ```

/// The headers up to an empty line, in order; a value keeps its line breaks and loses the blanks that began its lines.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Headers {
    fields: Vec<(String, String)>,
}

impl Headers {
    /// The first value of a header of that name, in any case, that is not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .find(|value| !value.is_empty())
    }

    /// The values of all headers of that name, in any case, without those that are empty.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.fields
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }
}

/// Each paragraph of a text that has a header. Lines that are neither header nor continuation are passed over.
pub(super) fn paragraphs(text: &str) -> impl Iterator<Item = Headers> {
    let mut lines = text.lines();
    std::iter::from_fn(move || {
        loop {
            let mut headers = Headers::default();
            let mut ended = true;
            for line in lines.by_ref() {
                if line.trim().is_empty() {
                    ended = false;
                    break;
                }
                add(&mut headers, line);
            }
            if !headers.fields.is_empty() {
                return Some(headers);
            }
            if ended {
                return None;
            }
        }
    })
}

fn add(headers: &mut Headers, line: &str) {
    if line.starts_with([' ', '\t']) {
        if let Some((_, value)) = headers.fields.last_mut() {
            value.push('\n');
            value.push_str(line.trim());
        }
    } else if let Some((name, value)) = line.split_once(':') {
        headers
            .fields
            .push((name.to_owned(), value.trim().to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::paragraphs;

    #[test]
    fn headers_end_with_an_empty_line() {
        let text =
            "\n\nName: a\nlicense: one\n\ttwo\n |three\nno header\nEmpty:\n\n\nName: b: c\r\n";
        let all: Vec<_> = paragraphs(text).collect();
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].get("NAME"), Some("a"));
        assert_eq!(all[0].get("License"), Some("one\ntwo\n|three"));
        assert_eq!(all[0].get("Empty"), None);
        assert_eq!(all[1].get("Name"), Some("b: c"));
    }
}
