//! What is set at a place in a stage, as far as it is known.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::facts::Facts;
use crate::dockerfile::{Dockerfile, Kind, Pair, Stage, Variables, Word, expand};

/// Variables and other things that instructions leave for those after them.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// Variables with a known value.
    variables: Variables,
    /// `ARG`s, with a value or without.
    declared: BTreeSet<String>,
    /// Whether nothing else is set: the base image is known.
    complete: bool,
    /// Whether there was a `WORKDIR`.
    pub workdir: bool,
    /// Whether there was a `SHELL`.
    pub shell: bool,
}

/// Names that `BuildKit` reads itself and shows to nobody.
const HIDDEN: [&str; 2] = ["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"];

/// What `PATH` is where no image says.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl Scope {
    /// At the beginning of stage `index`, which starts from `base`: an earlier stage, or an image.
    pub fn begin(
        index: usize,
        base: Option<&Self>,
        image: Option<&str>,
        facts: &Facts<'_>,
    ) -> Self {
        if let Some(base) = base {
            return base.clone();
        }
        let known = facts.images.get(&index);
        let mut variables = known.cloned().unwrap_or_default();
        if variables.get("PATH").is_none() {
            variables.set("PATH", PATH);
        }
        Self {
            variables,
            complete: known.is_some() || image == Some("scratch"),
            ..Self::default()
        }
    }

    /// What `text` says here. `None` if that depends on a variable that is not known, or cannot be said.
    pub fn expand(&self, text: &str, escape: char) -> Option<String> {
        let unknown = RefCell::new(false);
        let lookup = |name: &str| {
            let value = self.variables.get(name).map(str::to_owned);
            if value.is_none() && !self.complete {
                unknown.replace(true);
            }
            value
        };
        let said = expand::word(text, escape, &lookup).ok()?;
        (!unknown.into_inner()).then_some(said)
    }

    /// Whether `name` is surely neither set nor declared.
    pub fn lacks(&self, name: &str) -> bool {
        self.complete
            && self.variables.get(name).is_none()
            && !self.declared.contains(name)
            && !HIDDEN.contains(&name)
    }

    /// Names that are set or declared.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let set = self.variables.iter().map(|(name, _)| name);
        set.chain(self.declared.iter().map(String::as_str))
    }

    /// After `ENV`: all values are expanded before any is set.
    pub fn environment(&mut self, pairs: &[Pair], escape: char) {
        let said: Vec<(Option<String>, Option<String>)> = pairs
            .iter()
            .map(|pair| {
                let value = pair.value.as_ref();
                (
                    self.expand(&pair.name.text, escape),
                    value.and_then(|value| self.expand(&value.text, escape)),
                )
            })
            .collect();
        for (pair, (name, value)) in pairs.iter().zip(said) {
            let name = name.unwrap_or_else(|| pair.name.text.clone());
            // What is not known is known to be set.
            self.declared.insert(name.clone());
            if let Some(value) = value {
                self.variables.set(name, value);
            }
        }
    }

    /// After one `NAME` or `NAME=value` of an `ARG`.
    pub fn argument(&mut self, pair: &Pair, globals: &Variables, facts: &Facts<'_>, escape: char) {
        let name = &pair.name.text;
        let given = facts.arguments.get(name).cloned();
        let default = pair.value.as_ref();
        let value = given
            .or_else(|| default.and_then(|value| self.expand(&value.text, escape)))
            .or_else(|| match default {
                None => globals.get(name).map(str::to_owned),
                Some(_) => None,
            });
        self.declared.insert(name.clone());
        if let Some(value) = value
            && !HIDDEN.contains(&name.as_str())
        {
            self.variables.set(name, value);
        }
    }
}

/// Names of arguments that are set without being declared, and values that are as good as any.
const PLATFORM: [(&str, &str); 11] = [
    ("BUILDPLATFORM", "linux/amd64"),
    ("BUILDOS", "linux"),
    ("BUILDOSVERSION", ""),
    ("BUILDARCH", "amd64"),
    ("BUILDVARIANT", ""),
    ("TARGETPLATFORM", "linux/amd64"),
    ("TARGETOS", "linux"),
    ("TARGETOSVERSION", ""),
    ("TARGETARCH", "amd64"),
    ("TARGETVARIANT", ""),
    ("TARGETSTAGE", "default"),
];

/// The arguments that `FROM` can use, as far as they have a value; `arguments` are those given.
pub(super) fn globals<'a>(
    dockerfile: &Dockerfile,
    given: impl Fn(&str) -> Option<&'a String>,
) -> Variables {
    let mut globals: Variables = PLATFORM.into_iter().collect();
    for pair in declared(dockerfile) {
        let name = &pair.name.text;
        let default = pair.value.as_ref().and_then(|value| {
            let escape = dockerfile.directives.escape;
            expand::word(&value.text, escape, &globals.lookup()).ok()
        });
        if let Some(value) = given(name).cloned().or(default) {
            globals.set(name, value);
        }
    }
    globals
}

/// What is declared before the first `FROM`.
pub(super) fn declared(dockerfile: &Dockerfile) -> impl Iterator<Item = &Pair> {
    dockerfile
        .arguments
        .iter()
        .flat_map(|instruction| match &instruction.kind {
            Kind::Arg(pairs) => pairs.as_slice(),
            _ => &[],
        })
}

/// The earlier stage that `stage` starts from, by name; `image` is its image, expanded.
pub(super) fn base<'s>(
    stages: &'s [(Option<String>, Scope)],
    image: Option<&str>,
) -> Option<&'s Scope> {
    let image = image?;
    stages
        .iter()
        .rev()
        .find(|(name, _)| name.as_deref() == Some(image))
        .map(|(_, scope)| scope)
}

/// The name of a stage as others know it.
pub(super) fn name(stage: &Stage) -> Option<String> {
    stage
        .name
        .as_ref()
        .map(|name: &Word| name.text.to_lowercase())
}
