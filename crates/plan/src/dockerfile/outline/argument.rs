//! Arguments that a target takes.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::comment::Comments;
use super::place::Place;
use crate::dockerfile::graph::{Graph, Wanted};
use crate::dockerfile::{Dockerfile, Instruction, Kind, Variables, expand};

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it holds: what was given, else its default, as far as that is known before the build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Its `ARG`.
    pub location: Place,
}

/// What is known at a place of a stage.
pub(super) struct Known {
    pub(super) variables: Variables,
    escape: char,
}

impl Known {
    /// At the beginning of a stage.
    pub(super) fn new(escape: char) -> Self {
        Self {
            variables: Variables::default(),
            escape,
        }
    }

    /// Whether it knows all that `text` names: what the stage below or the image sets is seen by the build only.
    fn knows(&self, text: &str) -> bool {
        let names = expand::names(text, self.escape);
        let lookup = self.variables.lookup();
        names.iter().all(|(name, _)| lookup(name).is_some())
    }

    /// What `text` says; as written if that cannot be known.
    pub(super) fn expand(&self, text: &str) -> String {
        let said = expand::word(text, self.escape, &self.variables.lookup());
        said.unwrap_or_else(|_| text.to_owned())
    }
}

/// The arguments of one `ARG` in a stage; afterwards they are known.
pub(super) fn of_stage(
    instruction: &Instruction,
    (graph, wanted): (&Graph, &Wanted<'_>),
    (comments, text): (&Comments<'_>, &str),
    known: &mut Known,
) -> Vec<Argument> {
    let Kind::Arg(pairs) = &instruction.kind else {
        return Vec::new();
    };
    let argument = pairs.iter().map(|pair| {
        let name = &pair.name.text;
        let given = wanted.arguments.get(name).cloned();
        let default = pair.value.as_ref().filter(|value| known.knows(&value.text));
        let default = default.map(|value| known.expand(&value.text));
        let global = || graph.globals.get(name).map(str::to_owned);
        let value = given.or(default).or_else(global);
        if let Some(value) = &value {
            known.variables.set(name, value);
        }
        Argument {
            description: comments.about(name, instruction),
            value,
            location: Place::of(&instruction.span, text),
            name: name.clone(),
        }
    });
    argument.collect()
}

/// Arguments before the first `FROM` that the stages of the graph use there.
pub(super) fn global(
    dockerfile: &Dockerfile,
    graph: &Graph,
    (comments, text): (&Comments<'_>, &str),
) -> Vec<Argument> {
    let escape = dockerfile.directives.escape;
    let names = |text: &str| {
        expand::names(text, escape)
            .into_iter()
            .map(|(name, _)| name)
    };
    let stages = graph
        .nodes
        .iter()
        .map(|node| &dockerfile.stages[node.stage]);
    let mut used: BTreeSet<String> = stages
        .flat_map(|stage| std::iter::once(&stage.image).chain(&stage.platform))
        .flat_map(|word| names(&word.text))
        .collect();
    let mut found = BTreeMap::new();
    for instruction in dockerfile.arguments.iter().rev() {
        let Kind::Arg(pairs) = &instruction.kind else {
            continue;
        };
        for pair in pairs.iter().rev() {
            let name = &pair.name.text;
            if !used.contains(name) {
                continue;
            }
            used.extend(pair.value.iter().flat_map(|value| names(&value.text)));
            found.entry(name.clone()).or_insert_with(|| Argument {
                name: name.clone(),
                description: comments.about(name, instruction),
                value: graph.globals.get(name).map(str::to_owned),
                location: Place::of(&instruction.span, text),
            });
        }
    }
    found.into_values().collect()
}
