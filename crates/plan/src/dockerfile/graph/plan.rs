//! From a Dockerfile to its graph.

use std::collections::{BTreeMap, BTreeSet};

use super::arguments::globals;
use super::names::Names;
use super::node::{Base, Node, sources};
use crate::diagnostic::Diagnostic;
use crate::dockerfile::{Dockerfile, Kind, Source, Stage, Variables, Word, expand, platform};
use crate::document::suggestion;
use crate::image::Platform;

/// The image that is none.
const SCRATCH: &str = "scratch";

/// What is to be built.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// A stage by name or index; the last one if `None`.
    pub target: Option<&'a str>,
    /// `--build-arg`.
    pub arguments: &'a BTreeMap<String, String>,
    /// Names of the contexts that were given (`--build-context`).
    pub contexts: &'a BTreeSet<String>,
    /// This machine's platform.
    pub build: &'a Platform,
    /// The platform to build for.
    pub platform: &'a Platform,
}

/// The stages that are needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    /// They, in the order of the Dockerfile: each after those it depends on.
    pub nodes: Vec<Node>,
    /// Stages that the target does not need as far as the Dockerfile says it, and that are right: an `ONBUILD` of an image may
    /// need one of them.
    pub spare: Vec<Node>,
    /// The index of the stage that is the target, which is the last of the nodes.
    pub target: usize,
    /// Arguments that `FROM` can use, and that `ARG NAME` in a stage takes over.
    pub globals: Variables,
    /// The names that `--from` can use.
    pub names: Names,
}

impl Graph {
    /// A stage by its index; `None` if the target does not need it and it is wrong.
    pub fn node(&self, stage: usize) -> Option<&Node> {
        let mut all = self.nodes.iter().chain(&self.spare);
        all.find(|node| node.stage == stage)
    }

    /// The images that the stages that are needed start from or take from, as written, variables expanded.
    pub fn images(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().flat_map(|node| {
            let base = match &node.base {
                Base::Image(name) => Some(name),
                _ => None,
            };
            let needed = node.needs.iter().filter_map(|source| match source {
                Source::Image(name) if name != SCRATCH => Some(name),
                _ => None,
            });
            base.into_iter().chain(needed).map(String::as_str)
        })
    }
}

/// Finds what is needed.
///
/// # Errors
/// If there is no such target, something stands in a `from` that is not there yet, or a variable of a `FROM` that is needed
/// cannot be expanded.
pub fn plan(dockerfile: &Dockerfile, wanted: &Wanted<'_>) -> Result<Graph, Vec<Diagnostic>> {
    let mut mistakes = Vec::new();
    let globals = globals(dockerfile, wanted, &mut mistakes);
    let names = Names::of(dockerfile, wanted.contexts);
    let target = match target(dockerfile, wanted.target, &names) {
        Ok(target) => target,
        Err(mistake) => {
            mistakes.push(mistake);
            return Err(mistakes);
        }
    };
    let planner = Planner {
        dockerfile,
        wanted,
        globals: &globals,
        names: &names,
    };
    let mut nodes: BTreeMap<usize, Node> = BTreeMap::new();
    let mut open = BTreeSet::from([target]);
    // Dependencies have smaller indices: the largest open one has been asked for by all that may ask.
    while let Some(index) = open.pop_last() {
        match planner.node(index) {
            Ok(node) => {
                open.extend(node.stages());
                nodes.insert(index, node);
            }
            Err(found) => mistakes.extend(found),
        }
    }
    if !mistakes.is_empty() {
        mistakes.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
        return Err(mistakes);
    }
    let needed: BTreeSet<usize> = nodes.keys().copied().collect();
    for index in 0..dockerfile.stages.len() {
        if !needed.contains(&index)
            && let Ok(node) = planner.node(index)
            && node.stages().all(|stage| nodes.contains_key(&stage))
        {
            nodes.insert(index, node);
        }
    }
    inherit(&mut nodes);
    let (nodes, spare) = nodes
        .into_values()
        .partition(|node| needed.contains(&node.stage));
    Ok(Graph {
        nodes,
        spare,
        target,
        globals,
        names,
    })
}

/// A stage on a stage has the platform of that one.
fn inherit(nodes: &mut BTreeMap<usize, Node>) {
    let order: Vec<usize> = nodes.keys().copied().collect();
    for index in order {
        if let Base::Stage(base) = nodes[&index].base
            && let Some(platform) = nodes.get(&base).map(|node| node.platform.clone())
            && let Some(node) = nodes.get_mut(&index)
        {
            node.platform = platform;
        }
    }
}

/// The index of the stage that is asked for.
fn target(
    dockerfile: &Dockerfile,
    target: Option<&str>,
    names: &Names,
) -> Result<usize, Diagnostic> {
    let Some(wanted) = target.filter(|target| !target.is_empty()) else {
        return Ok(dockerfile.stages.len().saturating_sub(1));
    };
    if let Some(index) = names.stage(wanted, names.len()) {
        return Ok(index);
    }
    if let Some(index) = wanted.parse().ok().filter(|&index| index < names.len()) {
        return Ok(index);
    }
    let span = dockerfile
        .stages
        .last()
        .map_or(0..0, |stage| stage.image.span.clone());
    let help = suggestion("stages", wanted, names.known())
        .unwrap_or_else(|| "name a stage with \"FROM ... AS name\"".to_owned());
    Err(Diagnostic {
        message: format!("there is no stage \"{wanted}\" to build"),
        span,
        label: "the last stage".to_owned(),
        help: Some(help),
    })
}

struct Planner<'a> {
    dockerfile: &'a Dockerfile,
    wanted: &'a Wanted<'a>,
    globals: &'a Variables,
    names: &'a Names,
}

impl Planner<'_> {
    fn node(&self, index: usize) -> Result<Node, Vec<Diagnostic>> {
        let stage = &self.dockerfile.stages[index];
        let platform = self.platform(stage).map_err(|mistake| vec![mistake])?;
        let node = |base, needs| Node {
            stage: index,
            title: self.names.title(index),
            base,
            platform: platform.clone(),
            needs,
        };
        let given = stage
            .name
            .as_ref()
            .and_then(|name| self.names.context(&name.text));
        if let Some(context) = given {
            return Ok(node(Base::Instead(context.to_owned()), BTreeSet::new()));
        }
        let base = self.base(stage, index).map_err(|mistake| vec![mistake])?;
        let mut instructions: Vec<_> = stage.instructions.iter().collect();
        if let Base::Stage(base) = base {
            // The triggers of a stage are part of those that start from it.
            let triggers = self.dockerfile.stages[base].instructions.iter();
            instructions.extend(triggers.filter_map(|instruction| match &instruction.kind {
                Kind::OnBuild(trigger) => Some(trigger.as_ref()),
                _ => None,
            }));
        }
        let mut needs = BTreeSet::new();
        let mut mistakes = Vec::new();
        let escape = self.dockerfile.directives.escape;
        for instruction in instructions {
            match sources(instruction, self.names, index, escape) {
                Ok(found) => needs.extend(found),
                Err(found) => mistakes.extend(found),
            }
        }
        if mistakes.is_empty() {
            Ok(node(base, needs))
        } else {
            Err(mistakes)
        }
    }

    fn base(&self, stage: &Stage, index: usize) -> Result<Base, Diagnostic> {
        let image = self.expanded(&stage.image)?;
        Ok(if let Some(before) = self.names.stage(&image, index) {
            Base::Stage(before)
        } else if image == SCRATCH {
            Base::Scratch
        } else if let Some(context) = self.names.context(&image) {
            Base::Named(context.to_owned())
        } else {
            Base::Image(image)
        })
    }

    fn platform(&self, stage: &Stage) -> Result<Platform, Diagnostic> {
        let Some(word) = &stage.platform else {
            return Ok(self.wanted.platform.clone());
        };
        let text = self.expanded(word)?;
        platform::parse(&text, self.wanted.build).ok_or_else(|| Diagnostic {
            message: format!("\"{text}\" is not a platform"),
            span: word.span.clone(),
            label: String::new(),
            help: Some("write os/architecture[/variant], e.g. linux/amd64".to_owned()),
        })
    }

    /// A word of a `FROM`, which must not be empty.
    fn expanded(&self, word: &Word) -> Result<String, Diagnostic> {
        let escape = self.dockerfile.directives.escape;
        let text = expand::word(&word.text, escape, &self.globals.lookup())
            .map_err(|mistake| mistake.diagnostic(word))?;
        if !text.is_empty() {
            return Ok(text);
        }
        let unset = expand::names(&word.text, escape)
            .into_iter()
            .find(|(name, _)| self.globals.get(name).is_none());
        let help = match unset {
            Some((name, _)) => suggestion(
                "arguments",
                &name,
                self.globals.iter().map(|(known, _)| known),
            )
            .filter(|help| help.starts_with("did"))
            .unwrap_or_else(|| {
                format!("declare it before the first FROM: ARG {name}=..., or give --build-arg {name}=...")
            }),
            None => "give a default: ${NAME:-default}".to_owned(),
        };
        Err(Diagnostic {
            message: format!("{} is empty once its variables are filled in", word.text),
            span: word.span.clone(),
            label: String::new(),
            help: Some(help),
        })
    }
}
