//! What a build of one target can be told.

use std::collections::BTreeMap;

use serde::Serialize;

use super::argument::{self, Argument, Known};
use super::comment::Comments;
use super::place::Place;
use crate::diagnostic::Diagnostic;
use crate::dockerfile::evaluate::mount_key::Keys;
use crate::dockerfile::fields::fields;
use crate::dockerfile::graph::{Base, Graph, Wanted, plan};
use crate::dockerfile::{Dockerfile, Flag, Instruction, Kind, path};

/// What a build of one target can be told, as `BuildKit` spells it. Each list is in the order of the Dockerfile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outline {
    /// The target's name, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Arguments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Argument>,
    /// Secrets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<Shown>,
    /// Ssh agents.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ssh: Vec<Shown>,
}

/// A secret or an agent that commands see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Its id.
    pub name: String,
    /// Whether a command fails without it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// The first `RUN` that sees it.
    pub location: Place,
}

/// What a build can be told. `dockerfile` was read from `text`.
///
/// # Errors
/// As [`plan`]: there is no such target, or a stage that it needs is wrong.
pub fn outline(
    dockerfile: &Dockerfile,
    text: &str,
    wanted: &Wanted<'_>,
) -> Result<Outline, Vec<Diagnostic>> {
    let graph = plan(dockerfile, wanted)?;
    let comments = Comments::of(dockerfile, text);
    let target = &dockerfile.stages[graph.target];
    let name = target.name.as_ref().map(|name| name.text.to_lowercase());
    let mut all = Collected::default();
    // The target's own word counts before those of the stages it needs.
    for node in graph.nodes.iter().rev() {
        if matches!(node.base, Base::Instead(_)) {
            continue;
        }
        let mut known = Known::new(dockerfile.directives.escape);
        for instruction in &dockerfile.stages[node.stage].instructions {
            let said = (&comments, text);
            all.see(instruction, (&graph, wanted), said, &mut known);
        }
    }
    for argument in argument::global(dockerfile, &graph, (&comments, text)) {
        all.arguments
            .entry(argument.name.clone())
            .or_insert(argument);
    }
    let described = name.as_deref();
    Ok(Outline {
        description: described.and_then(|name| comments.about(name, &target.from)),
        args: sorted(all.arguments, |argument| argument.location),
        secrets: sorted(all.secrets, |shown| shown.location),
        ssh: sorted(all.agents, |shown| shown.location),
        name,
    })
}

#[derive(Default)]
struct Collected {
    arguments: BTreeMap<String, Argument>,
    secrets: BTreeMap<String, Shown>,
    agents: BTreeMap<String, Shown>,
}

impl Collected {
    fn see(
        &mut self,
        instruction: &Instruction,
        asked: (&Graph, &Wanted<'_>),
        said: (&Comments<'_>, &str),
        known: &mut Known,
    ) {
        match &instruction.kind {
            Kind::Arg(_) => {
                for argument in argument::of_stage(instruction, asked, said, known) {
                    self.arguments
                        .entry(argument.name.clone())
                        .or_insert(argument);
                }
            }
            Kind::Env(pairs) => {
                let values: Vec<_> = pairs
                    .iter()
                    .map(|pair| pair.value.as_ref().map(|word| known.expand(&word.text)))
                    .collect();
                for (pair, value) in pairs.iter().zip(values) {
                    known
                        .variables
                        .set(&pair.name.text, value.unwrap_or_default());
                }
            }
            Kind::Run(_) => {
                let place = Place::of(&instruction.span, said.1);
                for flag in instruction.flags.iter().filter(|flag| flag.name == "mount") {
                    self.mount(flag, place, known);
                }
            }
            _ => {}
        }
    }

    fn mount(&mut self, flag: &Flag, place: Place, known: &Known) {
        let text = flag.value.as_ref().map_or("", |word| &word.text);
        let mut keys = Keys::default();
        for field in fields(text).unwrap_or_default() {
            let (key, value) = match field.split_once('=') {
                Some((key, value)) => (key, Some(known.expand(value))),
                None => (field.as_str(), None),
            };
            // What is wrong in it is said by the build.
            let _ = keys.take(key, value.as_deref());
        }
        let (all, name) = match keys.kind.as_deref() {
            Some("secret") => {
                let base = |target: String| path::base(&target).to_owned();
                let id = keys.id.or(keys.source);
                (&mut self.secrets, id.or_else(|| keys.target.map(base)))
            }
            Some("ssh") => {
                let id = keys.id.unwrap_or_else(|| "default".to_owned());
                (&mut self.agents, Some(id))
            }
            _ => return,
        };
        let Some(name) = name else { return };
        let required = keys.required == Some(true);
        let shown = all.entry(name.clone()).or_insert(Shown {
            name,
            required,
            location: place,
        });
        shown.required |= required;
        shown.location = shown.location.min(place);
    }
}

/// In the order of the Dockerfile.
fn sorted<T>(all: BTreeMap<String, T>, place: impl Fn(&T) -> Place) -> Vec<T> {
    let mut all: Vec<T> = all.into_values().collect();
    all.sort_by_key(|one| place(one));
    all
}
