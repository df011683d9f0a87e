//! `DuplicateStageName`, `ReservedStageName`, `LegacyKeyValueFormat`, `MaintainerDeprecated`, `WorkdirRelativePath`.

use super::finding::Report;
use super::rule::Rule;
use super::scope::{self, Scope};
use crate::dockerfile::{Instruction, Pair, Stage, Word};

/// Names that mean something else.
const RESERVED: [&str; 2] = ["context", "scratch"];

/// `DuplicateStageName` and `ReservedStageName`.
pub(super) fn check(stage: &Stage, before: &[(Option<String>, Scope)], report: &mut Report) {
    let (Some(word), Some(name)) = (&stage.name, scope::name(stage)) else {
        return;
    };
    if RESERVED.contains(&name.as_str()) {
        report.add(
            Rule::ReservedStageName,
            word.span.clone(),
            format!("the stage is called \"{name}\", which means something else elsewhere"),
            "choose another name",
        );
    }
    if before
        .iter()
        .any(|(other, _)| other.as_ref() == Some(&name))
    {
        report.add(
            Rule::DuplicateStageName,
            word.span.clone(),
            format!("a stage before this one is called \"{name}\" too"),
            "choose another name",
        );
    }
}

/// `LegacyKeyValueFormat`.
pub(super) fn check_legacy(instruction: &Instruction, pairs: &[Pair], report: &mut Report) {
    let [pair] = pairs else { return };
    let Some(value) = &pair.value else { return };
    let keyword = &instruction.keyword.text;
    let arguments = instruction.line[keyword.len()..].trim_start();
    let arguments = arguments.strip_prefix("-- ").unwrap_or(arguments);
    let after = arguments.trim_start().strip_prefix(&pair.name.text);
    if after.is_some_and(|after| !after.starts_with('=')) {
        report.add(
            Rule::LegacyKeyValueFormat,
            pair.name.span.start..value.span.end,
            format!("no \"=\" between name and value of {keyword}"),
            format!("write {keyword} {}=...", pair.name.text),
        );
    }
}

/// `MaintainerDeprecated`.
pub(super) fn check_maintainer(instruction: &Instruction, report: &mut Report) {
    report.add(
        Rule::MaintainerDeprecated,
        instruction.keyword.span.clone(),
        "MAINTAINER is out of use",
        "write LABEL org.opencontainers.image.authors=\"NAME\"",
    );
}

/// `WorkdirRelativePath`, for the first of a stage and those it starts from.
pub(super) fn check_workdir(path: &Word, scope: &Scope, escape: char, report: &mut Report) {
    if scope.workdir {
        return;
    }
    if let Some(said) = scope.expand(&path.text, escape)
        && !said.starts_with('/')
    {
        report.add(
            Rule::WorkdirRelativePath,
            path.span.clone(),
            format!("where \"{said}\" is depends on the base image"),
            "begin with an absolute WORKDIR",
        );
    }
}
