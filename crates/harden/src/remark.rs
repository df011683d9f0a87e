//! `# boatyard ignore=D05,D06 REASON`: what is ignored, where, and why.
//!
//! Alone on a line it holds for what comes next: an instruction of a Dockerfile, or a line with all that is indented below it.
//! At the end of a line it holds for that line. `ignore-file=` holds for the whole file. Those that were written for other tools
//! hold as far as their rules are ours.

use std::ops::Range;

use crate::finding::Finding;
use crate::foreign;
use crate::place::Lines;
use crate::rule;
use crate::workspace::{Content, Document};

/// One ignore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The rules, and what the message of a finding has to contain.
    pub rules: Vec<(String, &'static str)>,
    /// What it is called when it ignores nothing; none where part of it is another tool's affair.
    pub label: Option<String>,
    /// Lines, by index, where it holds.
    pub lines: Range<usize>,
    /// Where it stands.
    pub span: Range<usize>,
    /// What is wrong with it.
    pub wrong: Option<String>,
}

impl Remark {
    /// Whether it is about `finding`, which stands in the line of this index.
    pub fn is_about(&self, finding: &Finding, line: usize) -> bool {
        let mut rules = self.rules.iter();
        self.wrong.is_none()
            && self.lines.contains(&line)
            && rules.any(|(id, part)| id == finding.rule.id && finding.message.contains(part))
    }
}

/// All ignores of `document`.
pub fn read(document: &Document) -> Vec<Remark> {
    let text = document.text.as_str();
    let own = text.contains("boatyard ignore");
    let is_script = matches!(document.content, Content::Script(_));
    let foreign = (is_script || matches!(document.content, Content::Dockerfile(_)))
        && foreign::may_be_in(text);
    if !own && !foreign {
        return Vec::new();
    }
    let lines = Lines::of(text);
    let mut found = Vec::new();
    let mut is_top = true;
    for index in 0..lines.count() {
        let span = lines.span(index, text);
        let line = text[span.clone()].trim_end();
        let is_comment = line.trim_start().starts_with('#');
        if foreign && is_comment {
            found.extend(other(document, &lines, index, is_script, is_top));
        }
        if own {
            found.extend(ours(document, &lines, index));
        }
        is_top &= is_comment || (is_script && line.trim().is_empty());
    }
    found
}

/// An ignore that another tool reads. `is_top`: nothing but comments stands above.
fn other(
    document: &Document,
    lines: &Lines,
    index: usize,
    is_script: bool,
    is_top: bool,
) -> Option<Remark> {
    let span = lines.span(index, &document.text);
    let line = document.text[span.clone()].trim_end();
    let hash = line.find('#')?;
    let foreign = foreign::read(&line[hash..], is_script)?;
    let whole = foreign.whole || (is_top && foreign.tool != "hadolint");
    let meanings = foreign.meanings();
    let wrong = foreign.wrong();
    if meanings.is_empty() && wrong.is_none() {
        return None;
    }
    Some(Remark {
        rules: meanings
            .iter()
            .map(|meaning| (meaning.rule.to_owned(), meaning.part))
            .collect(),
        label: foreign.is_known().then(|| foreign.label()),
        lines: if whole {
            0..lines.count()
        } else {
            below(document, lines, index)
        },
        span: span.start + hash..span.start + line.len(),
        wrong,
    })
}

/// An ignore of ours.
fn ours(document: &Document, lines: &Lines, index: usize) -> Option<Remark> {
    let text = document.text.as_str();
    let span = lines.span(index, text);
    let line = text[span.clone()].trim_end();
    let hash = line.match_indices('#').map(|(at, _)| at).find(|&at| {
        let rest = line[at + 1..].trim_start();
        rest.starts_with("boatyard ignore")
    })?;
    let alone = line[..hash].trim().is_empty();
    let words = line[hash + 1..]
        .trim_start()
        .strip_prefix("boatyard ignore")?;
    let (whole, words) = match words.strip_prefix("-file") {
        Some(words) => (true, words),
        None => (false, words),
    };
    let words = words.strip_prefix('=')?;
    let (ids, reason) = words.split_once([' ', '\t']).unwrap_or((words, ""));
    let rules: Vec<String> = ids.split(',').map(str::to_ascii_uppercase).collect();
    let place = if whole {
        0..lines.count()
    } else if alone {
        below(document, lines, index)
    } else {
        index..index + 1
    };
    let unknown = rules.iter().find(|id| rule::named(id).is_none());
    let wrong = match unknown {
        Some(id) => Some(format!("there is no rule \"{id}\" to ignore")),
        None if reason.trim().is_empty() => Some("this ignore has no reason".to_owned()),
        None => None,
    };
    Some(Remark {
        label: Some(rules.join(", ")),
        rules: rules.into_iter().map(|id| (id, "")).collect(),
        lines: place,
        span: span.start + hash..span.start + line.len(),
        wrong,
    })
}

/// The lines that a comment on the line `index` is about.
fn below(document: &Document, lines: &Lines, index: usize) -> Range<usize> {
    let text = document.text.as_str();
    let line = |at: usize| text[lines.span(at, text)].trim_end();
    let empty = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    let Some(first) = (index + 1..lines.count()).find(|&at| !empty(line(at))) else {
        return index..index;
    };
    if let Content::Dockerfile(dockerfile) = &document.content {
        let start = lines.span(first, text).start;
        let froms = dockerfile.file.stages.iter().map(|stage| &stage.from);
        let all = dockerfile
            .instructions()
            .map(|(_, instruction)| instruction);
        let found = all
            .chain(froms)
            .chain(&dockerfile.file.arguments)
            .find(|one| one.span.start >= start && lines.index(one.span.start) == first);
        if let Some(instruction) = found {
            return first..lines.index(instruction.span.end) + 1;
        }
        return first..first + 1;
    }
    let depth = |line: &str| line.len() - line.trim_start().len();
    let own = depth(line(first));
    let end = (first + 1..lines.count())
        .find(|&at| !line(at).trim().is_empty() && depth(line(at)) <= own)
        .unwrap_or(lines.count());
    first..end
}
