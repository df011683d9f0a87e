//! Where scalars begin and end.

use std::ops::Range;

use super::node::Style;

/// Where a scalar stands. The parser's place begins with its anchor and tag, goes on to what comes after a quote, and leaves
/// out the head of a block.
pub(super) fn scalar(text: &str, span: Range<usize>, style: Style, first: usize) -> Range<usize> {
    let said = &text[span.clone()];
    let mut skip = 0;
    while style != Style::Block && said[skip..].starts_with(['&', '!']) {
        let word = said[skip..]
            .find(char::is_whitespace)
            .unwrap_or(said.len() - skip);
        skip += word;
        skip += said[skip..].len() - said[skip..].trim_start().len();
    }
    let start = span.start + skip;
    let end = start + text[start..span.end].trim_end().len();
    match style {
        Style::Plain => {
            let comment = [" #", "\t#", "\n#"]
                .iter()
                .filter_map(|mark| text[start..end].find(mark))
                .min();
            start..comment.map_or(end, |at| start + text[start..start + at].trim_end().len())
        }
        Style::Quoted => {
            let quote = text[start..].chars().next().unwrap_or('"');
            start..closing(text, start, quote).unwrap_or(end)
        }
        Style::Block => {
            let before = text[first..start].trim_end();
            // Without a line of its own, a block begins with its head.
            if !text[first + before.len()..start].contains('\n')
                && text[start..].starts_with(['|', '>'])
            {
                return start..end.max(start);
            }
            let line = before.rfind('\n').map_or(0, |at| at + 1);
            let head = &before[line..];
            let head = &head[..head.find(" #").unwrap_or(head.len())];
            // The head is the last word of its line; other lines may have such signs, too.
            let word = head.trim_end().rfind([' ', '\t']).map_or(0, |at| at + 1);
            let is_head = |word: &str| {
                let rest = word.trim_end().strip_prefix(['|', '>']);
                rest.is_some_and(|rest| rest.bytes().all(|byte| b"+-123456789".contains(&byte)))
            };
            let at = if is_head(&head[word..]) {
                first + line + word
            } else if text[start..].starts_with(['|', '>']) {
                start
            } else {
                head.rfind(['|', '>']).map_or(start, |at| first + line + at)
            };
            at..end.max(at)
        }
    }
}

/// Where the quote that opens at `start` closes, behind it.
fn closing(text: &str, start: usize, quote: char) -> Option<usize> {
    let mut chars = text[start + 1..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && quote == '"' {
            chars.next();
        } else if c == quote {
            if quote == '\'' && chars.peek().is_some_and(|&(_, next)| next == '\'') {
                chars.next();
                continue;
            }
            return Some(start + 1 + at + 1);
        }
    }
    None
}
