//! One instruction: its keyword decides how the rest is read.

use std::ops::Range;

use super::from::{self, From};
use super::head::Head;
use super::mistakes::{Mistakes, short};
use super::{flag, health, operand, pairs, transfer};
use crate::dockerfile::Keyword;
use crate::dockerfile::model::{Heredoc, Instruction, Kind};
use crate::document::nearest;

/// An instruction, and what a `FROM` says.
pub(super) struct Read {
    /// The instruction.
    pub instruction: Instruction,
    /// The arguments of a `FROM`.
    pub from: Option<From>,
}

/// Builds an instruction that ends at byte `end` of the Dockerfile. `None` if there are mistakes in it.
pub(super) fn build(
    head: &Head<'_>,
    heredocs: Vec<Heredoc>,
    end: usize,
    escape: char,
    mistakes: &mut Mistakes,
) -> Option<Read> {
    let Some(keyword) = Keyword::of(head.keyword.text()) else {
        unknown(head, mistakes);
        return None;
    };
    let before = mistakes.count();
    let flags = flag::read(head, keyword, mistakes);
    if head.arguments.is_empty() {
        // What looks like a flag and is none may be meant as the argument.
        if mistakes.count() == before {
            operand::missing(head, keyword, mistakes);
        }
        return None;
    }
    let mut from = None;
    let kind = match keyword {
        Keyword::From => {
            from = Some(from::read(&head.arguments, mistakes)?);
            Kind::From
        }
        Keyword::Run => Kind::Run(operand::command(head, keyword, mistakes)?),
        Keyword::Cmd => Kind::Cmd(operand::command(head, keyword, mistakes)?),
        Keyword::Entrypoint => Kind::Entrypoint(operand::command(head, keyword, mistakes)?),
        Keyword::Copy => Kind::Copy(transfer::read(head, keyword, &heredocs, mistakes)?),
        Keyword::Add => Kind::Add(transfer::read(head, keyword, &heredocs, mistakes)?),
        Keyword::Env => Kind::Env(pairs::assigned(&head.arguments, keyword, escape, mistakes)?),
        Keyword::Label => Kind::Label(pairs::assigned(&head.arguments, keyword, escape, mistakes)?),
        Keyword::Arg => Kind::Arg(pairs::declared(&head.arguments, escape, mistakes)?),
        Keyword::Expose => Kind::Expose(operand::words(head)),
        Keyword::User => Kind::User(operand::text(head)),
        Keyword::Workdir => Kind::Workdir(operand::text(head)),
        Keyword::StopSignal => Kind::StopSignal(operand::text(head)),
        Keyword::Maintainer => Kind::Maintainer(operand::text(head)),
        Keyword::Volume => Kind::Volume(operand::volumes(head, mistakes)?),
        Keyword::Shell => Kind::Shell(operand::shell(head, mistakes)?),
        Keyword::Healthcheck => Kind::Healthcheck(health::read(head, mistakes)?),
        Keyword::OnBuild => {
            let inner = Head::split(head.arguments.clone(), escape);
            let instruction = trigger(&inner, heredocs, end, escape, mistakes)?;
            return Some(Read {
                instruction: assemble(
                    head,
                    flags,
                    Vec::new(),
                    end,
                    Kind::OnBuild(Box::new(instruction)),
                ),
                from: None,
            });
        }
    };
    Some(Read {
        instruction: assemble(head, flags, heredocs, end, kind),
        from,
    })
}

fn assemble(
    head: &Head<'_>,
    flags: Vec<crate::dockerfile::Flag>,
    heredocs: Vec<Heredoc>,
    end: usize,
    kind: Kind,
) -> Instruction {
    Instruction {
        span: span(head, end),
        keyword: head.keyword.word(),
        line: head.whole.text().to_owned(),
        flags,
        heredocs,
        kind,
    }
}

fn span(head: &Head<'_>, end: usize) -> Range<usize> {
    let start = head.keyword.span().start;
    start..end.max(start)
}

/// The instruction after `ONBUILD`.
fn trigger(
    inner: &Head<'_>,
    heredocs: Vec<Heredoc>,
    end: usize,
    escape: char,
    mistakes: &mut Mistakes,
) -> Option<Instruction> {
    let refused = match Keyword::of(inner.keyword.text()) {
        Some(Keyword::OnBuild) => "write ONBUILD once",
        Some(Keyword::From) => "a stage cannot begin in another build",
        Some(Keyword::Maintainer) => {
            "write ONBUILD LABEL org.opencontainers.image.authors=\"NAME\""
        }
        _ => return build(inner, heredocs, end, escape, mistakes).map(|read| read.instruction),
    };
    mistakes
        .add(
            inner.keyword.span(),
            format!(
                "{} is not allowed after ONBUILD",
                inner.keyword.text().to_uppercase()
            ),
        )
        .with_help(refused);
    None
}

/// The keyword that `word` is, or surely is meant to be.
pub(super) fn meant(word: &str) -> Option<Keyword> {
    Keyword::of(word).or_else(|| Keyword::of(similar(word)?))
}

fn similar(word: &str) -> Option<&'static str> {
    // A word of any length would cost as much as it is long, times the names.
    const LONGEST: usize = 24;
    (word.len() <= LONGEST)
        .then(|| nearest(word, Keyword::ALL.map(Keyword::name)))
        .flatten()
}

fn unknown(head: &Head<'_>, mistakes: &mut Mistakes) {
    let word = head.keyword.text();
    if word.is_empty() {
        mistakes
            .add(
                head.keyword.span(),
                "a line is continued, and nothing follows",
            )
            .with_help("remove the character that continues it");
        return;
    }
    mistakes
        .add(
            head.keyword.span(),
            format!("unknown instruction \"{}\"", short(word)),
        )
        .with_label("not an instruction")
        .with_suggestion(remedy(word));
}

/// What to do about a word that is no keyword.
fn remedy(word: &str) -> Option<String> {
    let first = word.chars().next()?;
    if is_invisible(first) {
        return Some(format!(
            "remove the invisible character U+{:04X} before it",
            u32::from(first)
        ));
    }
    if !first.is_alphabetic() {
        return Some("if this belongs to the line above, end that line with \\".to_owned());
    }
    let letters = word
        .find(|c: char| !c.is_alphanumeric())
        .unwrap_or(word.len());
    if let Some(keyword) = Keyword::of(&word[..letters]) {
        return Some(format!("put white space after {}", keyword.name()));
    }
    let names = Keyword::ALL.map(Keyword::name);
    Some(match similar(word) {
        Some(keyword) => format!("did you mean \"{keyword}\"?"),
        None => format!("known instructions: {}", names.join(", ")),
    })
}

/// Characters that editors and web pages leave behind: spaces without width, marks of order and direction.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
