//! `ConsistentInstructionCasing`, `FromAsCasing`, `StageNameCasing`.

use super::finding::Report;
use super::rule::Rule;
use crate::dockerfile::{Dockerfile, Instruction, Stage};

/// Whether at least half of the instructions that are in one case are in capitals.
pub(super) fn majority(dockerfile: &Dockerfile) -> bool {
    let stages = dockerfile.stages.iter();
    let all = stages.flat_map(|stage| std::iter::once(&stage.from).chain(&stage.instructions));
    let (mut small, mut capital) = (0, 0);
    for instruction in all {
        let word = &instruction.keyword.text;
        if *word == word.to_lowercase() {
            small += 1;
        } else if *word == word.to_uppercase() {
            capital += 1;
        }
    }
    capital >= small
}

/// `ConsistentInstructionCasing`.
pub(super) fn check(instruction: &Instruction, capitals: bool, report: &mut Report) {
    let word = &instruction.keyword.text;
    let (usual, how) = if capitals {
        (word.to_uppercase(), "in capitals")
    } else {
        (word.to_lowercase(), "in small letters")
    };
    if *word != usual {
        report.add(
            Rule::ConsistentInstructionCasing,
            instruction.keyword.span.clone(),
            format!("{word} is not {how}, as most instructions of the file are"),
            format!("write {usual}"),
        );
    }
}

/// `FromAsCasing` and `StageNameCasing`.
pub(super) fn check_stage(stage: &Stage, text: &str, report: &mut Report) {
    let Some(name) = &stage.name else { return };
    let small = name.text.to_lowercase();
    if name.text != small {
        report.add(
            Rule::StageNameCasing,
            name.span.clone(),
            format!("the stage name \"{}\" has capitals", name.text),
            format!("write {small}"),
        );
    }
    let from = &stage.from.keyword.text;
    let words: Vec<&str> = stage.from.line.split_whitespace().collect();
    let [.., word, _] = words[..] else { return };
    let usual = if *from == from.to_lowercase() {
        word.to_lowercase()
    } else if *from == from.to_uppercase() {
        word.to_uppercase()
    } else {
        return;
    };
    if word != usual {
        let between = stage.image.span.end..name.span.start;
        let found = text
            .get(between.clone())
            .and_then(|text| text.find(word))
            .map(|at| between.start + at);
        let span = found.map_or(between, |start| start..start + word.len());
        report.add(
            Rule::FromAsCasing,
            span,
            format!("{word} is not written as {from} is"),
            format!("write {usual}"),
        );
    }
}
