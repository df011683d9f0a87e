//! `UndefinedVar`.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use super::facts::Facts;
use super::finding::Report;
use super::rule::Rule;
use super::scope::Scope;
use crate::dockerfile::{Heredoc, Instruction, Kind, Pair, Word, expand};
use crate::document::nearest;

/// Checks all words of an instruction in which variables are filled in.
pub(super) fn check(instruction: &Instruction, scope: &Scope, escape: char, report: &mut Report) {
    let mut seen = BTreeSet::new();
    for word in words(instruction) {
        for (name, range) in expand::names(&word.text, escape) {
            if scope.lacks(&name) && seen.insert(name.clone()) {
                add(&name, span_in(word, range), scope, report);
            }
        }
    }
    for heredoc in documents(instruction) {
        for name in asked(heredoc) {
            if scope.lacks(&name) && seen.insert(name.clone()) {
                add(&name, heredoc.span.clone(), scope, report);
            }
        }
    }
}

/// Checks the default of an `ARG`, which counts where no value is given.
pub(super) fn check_argument(
    pair: &Pair,
    scope: &Scope,
    facts: &Facts<'_>,
    escape: char,
    report: &mut Report,
) {
    let Some(value) = &pair.value else { return };
    if facts.arguments.contains_key(&pair.name.text) {
        return;
    }
    for (name, range) in expand::names(&value.text, escape) {
        if scope.lacks(&name) {
            add(&name, span_in(value, range), scope, report);
        }
    }
}

fn add(name: &str, span: Range<usize>, scope: &Scope, report: &mut Report) {
    report.add(
        Rule::UndefinedVar,
        span,
        format!("the variable \"{name}\" is not defined here"),
        match nearest(name, scope.names()) {
            Some(other) => format!("did you mean \"{other}\"?"),
            None => format!("write ARG {name} or ENV {name}=... above, or \\$ for the sign itself"),
        },
    );
}

/// The part of `word` at `range` of its text, in the Dockerfile: all of the word where continuations or quotes make that
/// uncertain.
pub(super) fn span_in(word: &Word, range: Range<usize>) -> Range<usize> {
    if word.span.len() == word.text.len() {
        word.span.start + range.start..word.span.start + range.end
    } else {
        word.span.clone()
    }
}

fn words(instruction: &Instruction) -> Vec<&Word> {
    let expanded = match &instruction.kind {
        Kind::Copy(_) | Kind::Add(_) => &["chown", "chmod", "checksum"][..],
        Kind::Run(_) => &["mount"],
        _ => &[],
    };
    let flags = instruction.flags.iter();
    let flags = flags.filter(|flag| expanded.contains(&flag.name.as_str()));
    let mut words: Vec<&Word> = flags.filter_map(|flag| flag.value.as_ref()).collect();
    match &instruction.kind {
        Kind::Copy(paths) | Kind::Add(paths) => {
            words.extend(
                paths
                    .iter()
                    .filter(|path| instruction.heredoc(path).is_none()),
            );
        }
        Kind::Env(pairs) | Kind::Label(pairs) => {
            for pair in pairs {
                words.push(&pair.name);
                words.extend(pair.value.as_ref());
            }
        }
        Kind::User(word) | Kind::Workdir(word) | Kind::StopSignal(word) => words.push(word),
        Kind::Volume(paths) => words.extend(paths),
        _ => {}
    }
    words
}

/// Documents in which variables are filled in.
fn documents(instruction: &Instruction) -> impl Iterator<Item = &Heredoc> {
    let copies = matches!(instruction.kind, Kind::Copy(_) | Kind::Add(_));
    let heredocs = instruction.heredocs.iter();
    heredocs.filter(move |heredoc| copies && heredoc.expand)
}

fn asked(heredoc: &Heredoc) -> BTreeSet<String> {
    let names = RefCell::new(BTreeSet::new());
    let lookup = |name: &str| {
        names.borrow_mut().insert(name.to_owned());
        None
    };
    // A mistake is reported where the document is expanded.
    let _ = expand::document(&heredoc.text, &lookup);
    names.into_inner()
}
