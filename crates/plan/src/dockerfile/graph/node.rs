//! One stage of the graph.

use std::collections::BTreeSet;

use super::names::Names;
use crate::diagnostic::Diagnostic;
use crate::dockerfile::fields::fields;
use crate::dockerfile::{Flag, Instruction, Kind, Source, expand};
use crate::image::Platform;

/// A stage that is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Which of the Dockerfile's stages.
    pub stage: usize,
    /// What it is called in messages, see [`Names::title`].
    pub title: String,
    /// What it starts from.
    pub base: Base,
    /// The platform of its base.
    pub platform: Platform,
    /// What it takes from beside its base. What `ONBUILD` of an image adds is not in it, see [`sources`].
    pub needs: BTreeSet<Source>,
}

impl Node {
    /// The stages that must be built first, its base among them.
    pub fn stages(&self) -> impl Iterator<Item = usize> {
        let base = match self.base {
            Base::Stage(index) => Some(index),
            _ => None,
        };
        let others = self.needs.iter().filter_map(move |source| match source {
            Source::Stage(index) if Some(*index) != base => Some(*index),
            _ => None,
        });
        base.into_iter().chain(others)
    }
}

/// What a stage starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// Nothing.
    Scratch,
    /// An image, by its reference as written, variables expanded.
    Image(String),
    /// A stage before it.
    Stage(usize),
    /// A context that was given in place of the image.
    Named(String),
    /// A context that was given in place of the whole stage: its instructions are not done.
    Instead(String),
}

/// What `instruction` of stage `before` takes files from: stages, contexts, images. Also for triggers of a base image.
///
/// # Errors
/// If a `from` names a stage that is not there yet, or has a variable in it.
pub fn sources(
    instruction: &Instruction,
    names: &Names,
    before: usize,
    escape: char,
) -> Result<BTreeSet<Source>, Vec<Diagnostic>> {
    let mut found = BTreeSet::new();
    let mut mistakes = Vec::new();
    match &instruction.kind {
        Kind::Copy(words) => match copied(instruction, names, before, escape) {
            Ok(Some(source)) => {
                found.insert(source);
            }
            Ok(None) if words.iter().rev().skip(1).any(|word| !inline(&word.text)) => {
                found.insert(Source::Context);
            }
            Ok(None) => {}
            Err(mistake) => mistakes.push(mistake),
        },
        Kind::Add(words) => {
            let remote = |text: &str| text.starts_with("http://") || text.starts_with("https://");
            let sources = words.iter().rev().skip(1);
            if sources
                .into_iter()
                .any(|word| !inline(&word.text) && !remote(&word.text))
            {
                found.insert(Source::Context);
            }
        }
        Kind::Run(_) => {
            for flag in instruction.flags.iter().filter(|flag| flag.name == "mount") {
                match mounted(flag, names, before) {
                    Ok(source) => found.extend(source),
                    Err(mistake) => mistakes.push(mistake),
                }
            }
        }
        _ => {}
    }
    if mistakes.is_empty() {
        Ok(found)
    } else {
        Err(mistakes)
    }
}

/// Whether a source is a heredoc.
fn inline(text: &str) -> bool {
    text.starts_with("<<")
}

/// `COPY --from`.
pub(in crate::dockerfile) fn copied(
    instruction: &Instruction,
    names: &Names,
    before: usize,
    escape: char,
) -> Result<Option<Source>, Diagnostic> {
    let from = instruction.flags.iter().find(|flag| flag.name == "from");
    let Some(value) = from.and_then(|flag| flag.value.as_ref()) else {
        return Ok(None);
    };
    if value.text.is_empty() {
        return Ok(None);
    }
    let expanded = expand::word(&value.text, escape, &|_| None);
    if expanded.as_ref() != Ok(&value.text) {
        return Err(Diagnostic {
            message: format!("--from=\"{}\" has a variable in it", value.text),
            span: value.span.clone(),
            label: "not expanded here".to_owned(),
            help: Some(
                "add a stage, \"FROM ... AS name\", which may have arguments in it, and write --from=name"
                    .to_owned(),
            ),
        });
    }
    names.source(&value.text, before, &value.span).map(Some)
}

/// `RUN --mount`.
fn mounted(flag: &Flag, names: &Names, before: usize) -> Result<Option<Source>, Diagnostic> {
    let Some(value) = &flag.value else {
        return Ok(None);
    };
    // What is wrong in them is said once the instruction is evaluated.
    let list = fields(&value.text).unwrap_or_default();
    let field = |wanted: &str| {
        let found = list.iter().rev().find_map(|field| {
            let (name, value) = field.split_once('=')?;
            name.eq_ignore_ascii_case(wanted).then_some(value)
        });
        found.filter(|value| !value.is_empty())
    };
    match (field("from"), field("type").unwrap_or("bind")) {
        (Some(from), _) if from.contains('$') && !from.ends_with('$') => Err(Diagnostic {
            message: format!("from={from} of --mount has a variable in it"),
            span: value.span.clone(),
            label: "not expanded here".to_owned(),
            help: Some(
                "add a stage, \"FROM ... AS name\", which may have arguments in it, and write from=name"
                    .to_owned(),
            ),
        }),
        (Some(from), _) => names.source(from, before, &value.span).map(Some),
        (None, kind) if kind.eq_ignore_ascii_case("bind") || kind.contains('$') => {
            Ok(Some(Source::Context))
        }
        (None, _) => Ok(None),
    }
}
