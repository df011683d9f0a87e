//! What is said of how a Dockerfile was built.

use std::collections::BTreeMap;

use boatyard_engine::dockerfile::{Named, Pull, Request};
use boatyard_plan::attest::{Detail, Provenance, known_argument};
use boatyard_plan::digest::Digest;
use boatyard_plan::dockerfile::platform;
use serde_json::{Map, Value, json};

use super::context::Context;
use crate::args::build::Build;
use crate::stopped::Stopped;
use crate::verb::lock::Locked;
use crate::verb::{commit, supply};

/// Lets a build keep to the lock, and puts what the words want to go with the image to it.
pub fn add(
    request: &mut Request,
    words: &Build,
    context: &Context,
    locked: &Locked,
) -> Result<(), Stopped> {
    request.lock = locked.policy();
    if locked.is_renewed() {
        request.pull = Pull::Always;
    }
    let platform = platform::format(&request.platform);
    let describe = || of(context, request);
    let mut extras = supply::extras(&words.supply, &platform, describe)?;
    if extras.provenance.is_some() {
        extras.materials.extend(match &context.fetched {
            Some(fetched) => Some(fetched.clone()),
            None if context.is_kept() => commit::of(&context.folder),
            None => None,
        });
    }
    request.extras = extras;
    Ok(())
}

/// What is said of a build; values that may be secret are not in it.
fn of(context: &Context, request: &Request) -> Provenance {
    let mut min = json!({
        "configSource": {
            "path": context.shown,
            "digest": { "sha256": Digest::of(context.text.as_bytes()).hex() },
        },
        "platform": platform::format(&request.platform),
    });
    if let Some(target) = &request.target {
        min["target"] = Value::String(target.clone());
    }
    let (arguments, withheld) = told(&request.arguments);
    let (labels, _) = told(&request.labels);
    let contexts = request.named.iter();
    let contexts: Map<String, Value> = contexts
        .map(|(name, context)| {
            let kind = match context {
                Named::Folder { .. } => "folder",
                Named::Layout { .. } => "layout",
                Named::Image(image) => image,
            };
            (name.clone(), Value::String(kind.to_owned()))
        })
        .collect();
    let max = json!({
        "arguments": arguments,
        "withheld": withheld,
        "labels": labels,
        "contexts": contexts,
        "secrets": request.secrets.keys().collect::<Vec<_>>(),
        "ssh": request.agents.keys().collect::<Vec<_>>(),
        "dockerfile": context.text,
    });
    Provenance {
        kind: "dockerfile",
        parameters: BTreeMap::from([(Detail::Min, min), (Detail::Max, max)]),
        machine: String::new(),
        builder: None,
    }
}

/// Values that may be told, and the names of those that may not.
fn told(values: &BTreeMap<String, String>) -> (Map<String, Value>, Vec<&String>) {
    let (mut told, mut withheld) = (Map::new(), Vec::new());
    for (name, value) in values {
        match known_argument(name, value) {
            Some(Value::Null) => withheld.push(name),
            Some(value) => drop(told.insert(name.clone(), value)),
            None => {}
        }
    }
    (told, withheld)
}
