//! `HEALTHCHECK`.

use super::head::Head;
use super::mistakes::{Mistakes, short};
use super::operand::{Form, form};
use super::words::is_blank;
use crate::dockerfile::Keyword;
use crate::dockerfile::model::Command;
use crate::document::suggestion;

/// Reads `NONE` or `CMD command`. The outer `None` is a mistake, the inner one `HEALTHCHECK NONE`.
#[expect(clippy::option_option, reason = "the inner one is what the model has")]
pub(super) fn read(head: &Head<'_>, mistakes: &mut Mistakes) -> Option<Option<Command>> {
    let arguments = &head.arguments;
    let text = arguments.text();
    let end = text.find(is_blank).unwrap_or(text.len());
    let kind = arguments.sub(0..end);
    let rest = arguments.from(end);
    let blanks = rest.text().len() - rest.text().trim_start_matches(is_blank).len();
    let rest = rest.from(blanks);
    if kind.text().eq_ignore_ascii_case("none") {
        if rest.is_empty() {
            return Some(None);
        }
        mistakes
            .add(rest.span(), "HEALTHCHECK NONE takes no arguments")
            .with_help("remove them, or write HEALTHCHECK CMD");
        return None;
    }
    if !kind.text().eq_ignore_ascii_case("cmd") {
        let help = suggestion("words", &short(kind.text()), ["CMD", "NONE"])
            .filter(|help| help.starts_with("did"))
            .or_else(|| Some("put CMD before the command".to_owned()));
        mistakes
            .add(
                kind.span(),
                format!(
                    "HEALTHCHECK is followed by \"{}\", expected CMD or NONE",
                    short(kind.text())
                ),
            )
            .with_suggestion(help);
        return None;
    }
    let command = match form(&rest, Keyword::Healthcheck, mistakes)? {
        Form::Exec(words) => Command::Exec(words.into_iter().map(|word| word.text).collect()),
        Form::Shell(text) => Command::Shell(text.word()),
    };
    let empty = match &command {
        Command::Exec(words) => words.is_empty(),
        Command::Shell(word) => word.text.is_empty(),
    };
    if empty {
        mistakes
            .add(kind.span(), "HEALTHCHECK CMD has no command")
            .with_help("write HEALTHCHECK CMD command, or HEALTHCHECK NONE");
        return None;
    }
    Some(Some(command))
}
