//! What a builder is told: the words that would build here, and the variables that builds here would see.

use std::collections::BTreeMap;

use boatyard_plan::build::PASSED;

use crate::args::confined::Allowed;
use crate::args::deploy::Deploy;
use crate::project::Found;
use crate::stopped::Stopped;
use crate::verb::builder::{Assignment, VERSION};
use crate::verb::revision;

/// Our own settings that are the builder's, too.
const OURS: [&str; 5] = [
    "BOATYARD_IGNORE_VALID_UNTIL",
    "BOATYARD_KEEP_BYTES",
    "BOATYARD_MIRRORS",
    "BOATYARD_PLAIN_HTTP",
    "SOURCE_DATE_EPOCH",
];

/// What the builder is to do.
pub fn assignment(found: &Found, words: &Deploy) -> Result<Assignment, Stopped> {
    let mut all = Vec::new();
    if let Some(copy) = &found.project.copy {
        all.extend(["--copy".to_owned(), copy.clone()]);
    }
    all.push("deploy".to_owned());
    let mut flag = |name: &str, value: &str| all.push(format!("--{name}={value}"));
    if let Some(prefix) = &words.prefix {
        flag("prefix", prefix);
    }
    if let Some(backing) = &words.backing {
        flag("backing", backing.name());
    }
    let confining = &words.confining;
    if let Some(name) = &confining.confined {
        flag("confined", name);
    }
    for source in &confining.source {
        match source {
            Allowed::None => flag("source", "none"),
            Allowed::Host(host) => flag("source", &host.to_string()),
        }
    }
    for host in &confining.registry {
        flag("registry", &host.to_string());
    }
    let (revision, _) = revision::of(&found.folder)?;
    let mut variables = variables(words);
    let revision = serde_json::to_string(&revision).expect("plain data");
    variables.insert(revision::SAID.to_owned(), revision);
    Ok(Assignment {
        version: VERSION.to_owned(),
        words: all,
        variables,
    })
}

/// Variables that builds here would see. A stranger's may be told what it knows, so it gets nothing that has a password in it.
pub fn variables(words: &Deploy) -> BTreeMap<String, String> {
    let is_stranger = words.confining.confined.is_some();
    let names = PASSED.iter().chain(&OURS);
    let set = names.filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)));
    set.filter(|(_, value)| !(is_stranger && value.contains('@')))
        .collect()
}
