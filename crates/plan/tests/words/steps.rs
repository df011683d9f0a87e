//! All that a build does, as cases show it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use boatyard_plan::diagnostic::Diagnostic;
use boatyard_plan::dockerfile::evaluate::{Beginning, Finished, State};
use boatyard_plan::dockerfile::graph::{Base, Node};
use boatyard_plan::dockerfile::{Op, Source, platform};
use boatyard_plan::image::RunConfig;
use serde_json::Value;

use super::given::{Given, given, machine};

/// Each stage that is needed: what it starts from, its steps, and what it comes to. What is empty, and the usual `PATH`, is left
/// out.
pub fn steps(text: &str) -> Result<String, Vec<Diagnostic>> {
    let given = given(text);
    let (dockerfile, graph) = given.plan(text)?;
    let mut out = String::new();
    let mut ends: BTreeMap<usize, Finished> = BTreeMap::new();
    for node in &graph.nodes {
        heading(&mut out, &given, node);
        if matches!(node.base, Base::Instead(_)) {
            continue;
        }
        let nothing = RunConfig::default();
        let (config, scope) = match node.base {
            Base::Stage(base) => (&ends[&base].config, Some(&ends[&base].scope)),
            Base::Scratch => (&nothing, None),
            _ => (&given.base, None),
        };
        let mut state = State::begin(&Beginning {
            dockerfile: &dockerfile,
            graph: &graph,
            node,
            arguments: &given.arguments,
            config,
            scope,
        });
        let triggers = state.triggers()?;
        let own = &dockerfile.stages[node.stage].instructions;
        for instruction in triggers.iter().chain(own) {
            match state.step(instruction)? {
                Op::Nothing => {}
                op => line(&mut out, "do", &json(&op)),
            }
        }
        let end = state.finish();
        line(&mut out, "config", &json(&end.config));
        for entry in &end.history {
            assert_eq!(entry.comment.as_deref(), Some("buildkit.dockerfile.v0"));
            let what = if entry.empty_layer { "note" } else { "layer" };
            let text = entry.created_by.as_deref().expect("what was done");
            line(&mut out, what, &text.replace('\n', "␤"));
        }
        if let Some(author) = &end.author {
            line(&mut out, "author", author);
        }
        ends.insert(node.stage, end);
    }
    Ok(out)
}

/// What a stage is, and what it needs.
pub fn heading(out: &mut String, given: &Given, node: &Node) {
    let base = match &node.base {
        Base::Scratch => "nothing".to_owned(),
        Base::Image(image) => format!("image {image}"),
        Base::Stage(stage) => format!("stage {stage}"),
        Base::Named(context) => format!("context {context}"),
        Base::Instead(context) => format!("is context {context}"),
    };
    write!(out, "{} {:?}: {base}", node.stage, node.title).expect("a string takes everything");
    if node.platform != machine() || given.platform != machine() {
        write!(out, " of {}", platform::format(&node.platform)).expect("a string takes everything");
    }
    for source in &node.needs {
        let source = match source {
            Source::Context => "the context".to_owned(),
            Source::Named(name) => format!("context {name}"),
            Source::Stage(stage) => format!("stage {stage}"),
            Source::Image(image) => format!("image {image}"),
        };
        write!(out, ", needs {source}").expect("a string takes everything");
    }
    out.push('\n');
}

fn line(out: &mut String, what: &str, text: &str) {
    writeln!(out, "  {what} {text}").expect("a string takes everything");
}

fn json(value: &impl serde::Serialize) -> String {
    let mut value = serde_json::to_value(value).expect("all of it is data");
    prune(&mut value);
    value.to_string()
}

/// Drops what is empty, and the usual `PATH`.
fn prune(value: &mut Value) {
    const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    match value {
        Value::Array(list) => {
            list.retain(|item| {
                *item != serde_json::json!(["PATH", PATH]) && *item != format!("PATH={PATH}")
            });
            list.iter_mut().for_each(prune);
        }
        Value::Object(map) => {
            map.values_mut().for_each(prune);
            map.retain(|name, value| {
                let empty = value.is_null()
                    || *value == Value::Bool(false)
                    || value.as_array().is_some_and(Vec::is_empty)
                    || value.as_str().is_some_and(str::is_empty);
                !empty || name == "test"
            });
        }
        _ => {}
    }
}
