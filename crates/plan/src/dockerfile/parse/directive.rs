//! The comments at the top that mean something.

use super::line::{Physical, Source};
use super::mistakes::{Mistakes, short};
use crate::dockerfile::check::Settings;
use crate::dockerfile::model::{Directives, Word};
use crate::failure::Failure;

/// Reads directives until a line is none: they stand at the very top, and a comment or an empty line ends them.
pub(super) fn read(source: &mut Source<'_>, mistakes: &mut Mistakes) -> Directives {
    let mut directives = Directives {
        syntax: None,
        escape: '\\',
        check: None,
    };
    let mut escape = None;
    while let Some((name, value)) = source.peek().and_then(directive) {
        source.take();
        let place = match name.text.to_ascii_lowercase().as_str() {
            "syntax" => &mut directives.syntax,
            "check" => &mut directives.check,
            "escape" => &mut escape,
            _ => break,
        };
        if place.is_some() {
            mistakes
                .add(
                    name.span.start..value.span.end,
                    format!("the directive \"{}\" is given a second time", name.text),
                )
                .with_help("remove one of them");
            continue;
        }
        *place = Some(value);
    }
    if let Some(word) = escape {
        match word.text.as_str() {
            "\\" | "`" => directives.escape = word.text.chars().next().unwrap_or('\\'),
            other => {
                mistakes
                    .add(
                        word.span.clone(),
                        format!("the escape character is \"{}\"", short(other)),
                    )
                    .with_label("expected \\ or `")
                    .with_help("write # escape=` or leave the line out");
            }
        }
    }
    if let Some(word) = &directives.check
        && let Err(wrong) = Settings::read(&word.text)
    {
        mistakes
            .add(word.span.clone(), wrong.to_string())
            .with_suggestion(wrong.help());
    }
    directives
}

/// `# name=value`: its two words. Only names that are known count; anything else is a comment.
fn directive(line: Physical<'_>) -> Option<(Word, Word)> {
    let content = line.content.trim_start();
    let rest = content.strip_prefix('#')?.trim_start();
    let at = line.start + (line.content.len() - rest.len());
    let length = rest
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(rest.len());
    let (name, rest) = rest.split_at(length);
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !is_known(name) {
        return None;
    }
    let value = rest.trim_start_matches(BLANK).strip_prefix('=')?;
    let trimmed = value.trim_matches(BLANK);
    if value.is_empty() {
        return None;
    }
    let value_at = line.start + line.content.len() - value.trim_start_matches(BLANK).len();
    let word = |text: &str, at: usize| Word {
        text: text.to_owned(),
        span: at..at + text.len(),
    };
    Some((word(name, at), word(trimmed, value_at)))
}

const BLANK: [char; 4] = [' ', '\t', '\r', '\u{c}'];

fn is_known(name: &str) -> bool {
    ["syntax", "escape", "check"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}
