//! The options of pip's configuration file, as they stand there.

use std::ops::Range;

use crate::diagnostic::Diagnostic;

/// One option of the file.
pub(super) struct Entry<'a> {
    pub(super) section: &'a str,
    /// As pip calls it on the command line: `index-url`.
    pub(super) name: String,
    /// Lines are joined by line ends.
    pub(super) value: String,
    pub(super) key: Range<usize>,
}

/// The options of the file in its order. What is no option is noted.
pub(super) fn entries<'a>(text: &'a str, mistakes: &mut Vec<Diagnostic>) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = Vec::new();
    let mut section = "";
    let mut at = 0;
    for whole in text.split_inclusive('\n') {
        let start = at;
        at += whole.len();
        let line = whole.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let indent = whole.len() - whole.trim_start().len();
        if indent > 0
            && let Some(last) = entries.last_mut()
        {
            last.value.push('\n');
            last.value.push_str(line);
            continue;
        }
        let span = start + indent..start + indent + line.len();
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            section = name.trim();
            continue;
        }
        match line.split_once(['=', ':']) {
            Some((name, value)) if !section.is_empty() => entries.push(Entry {
                section,
                name: name.trim().to_ascii_lowercase().replace('_', "-"),
                value: value.trim().to_owned(),
                key: span.start..span.start + name.trim_end().len(),
            }),
            found => {
                // The line is not repeated: it may hold a secret.
                let message = match found {
                    Some(_) => "an option stands before the first section",
                    None => "a line is neither a section nor an option",
                };
                mistakes.push(Diagnostic {
                    message: message.to_owned(),
                    span: span.start..span.start,
                    label: "expected [global] or NAME = VALUE".to_owned(),
                    help: None,
                });
            }
        }
    }
    entries
}
