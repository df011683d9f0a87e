//! Brackets that close at the column of their key.

/// The same number of bytes, with the bracket at `at` on the line before: by the letter of the language a bracket that closes
/// has to be indented more than the key that it belongs to, but nobody writes that, and no other parser asks for it.
pub(super) fn lifted(content: &str, at: usize) -> Option<String> {
    if !content.get(at..)?.starts_with([']', '}']) {
        return None;
    }
    let mut bytes = content.as_bytes().to_vec();
    let mut end = content[..at].rfind('\n')?;
    if !content[end..at].trim().is_empty() {
        return None;
    }
    loop {
        let start = content[..end].rfind('\n').map_or(0, |newline| newline + 1);
        let line = &content[start..end];
        let comment = line
            .find('#')
            .filter(|&hash| line[..hash].trim().is_empty())
            .or_else(|| line.rfind(" #"));
        let from = comment.map_or(end, |hash| start + hash);
        bytes[from..=end].fill(b' ');
        if end > 0 && bytes[end - 1] == b'\r' {
            bytes[end - 1] = b' ';
        }
        if !content[start..from].trim().is_empty() {
            return String::from_utf8(bytes).ok();
        }
        end = start.checked_sub(1)?;
    }
}
