//! What names of stages, contexts and images mean.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::diagnostic::Diagnostic;
use crate::dockerfile::{Dockerfile, Source};
use crate::document::suggestion;

/// The names that `--from` can use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Each stage's, in lower case.
    stages: Vec<Option<String>>,
    /// Contexts given by name, as given.
    contexts: BTreeSet<String>,
}

impl Names {
    /// The names of `dockerfile`'s stages, and of `contexts`.
    pub fn of(dockerfile: &Dockerfile, contexts: &BTreeSet<String>) -> Self {
        Self {
            stages: dockerfile
                .stages
                .iter()
                .map(|stage| stage.name.as_ref().map(|name| name.text.to_lowercase()))
                .collect(),
            contexts: contexts.clone(),
        }
    }

    /// How many stages there are.
    pub fn len(&self) -> usize {
        self.stages.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.stages.is_empty()
    }

    /// What stage `index` is called in messages: its name in lower case, `stage-N` without one, nothing if it is the only one.
    pub fn title(&self, index: usize) -> String {
        match self.stages.get(index) {
            Some(Some(name)) => name.clone(),
            _ if self.stages.len() < 2 => String::new(),
            _ => format!("stage-{index}"),
        }
    }

    /// The stages that have names, in order.
    pub fn known(&self) -> impl Iterator<Item = &str> {
        self.stages.iter().flatten().map(String::as_str)
    }

    /// The last stage before stage `before` that is called `name`, without regard to case.
    pub fn stage(&self, name: &str, before: usize) -> Option<usize> {
        let name = name.to_lowercase();
        self.stages[..before.min(self.stages.len())]
            .iter()
            .rposition(|stage| stage.as_ref() == Some(&name))
    }

    /// The context given for `name`, a stage or an image; as it was given.
    pub fn context(&self, name: &str) -> Option<&str> {
        let name = familiar(name);
        if name == "scratch" || name == "context" {
            return None;
        }
        self.contexts
            .iter()
            .find(|context| familiar(context) == name)
            .map(String::as_str)
    }

    /// What `--from=text` means in stage `before`: a stage before it by name or index, else a context, else an image.
    ///
    /// # Errors
    /// If it is this stage, a later one, or none though it is a number; `span` is where it stands.
    pub fn source(
        &self,
        text: &str,
        before: usize,
        span: &Range<usize>,
    ) -> Result<Source, Diagnostic> {
        let wrong = |message: String, help: Option<String>| Diagnostic {
            message,
            span: span.clone(),
            label: String::new(),
            help,
        };
        if let Ok(index) = text.parse::<i64>() {
            return match usize::try_from(index) {
                Ok(index) if index < before => Ok(Source::Stage(index)),
                Ok(index) if index < self.stages.len() => Err(self.late(index, before, &wrong)),
                _ => Err(wrong(
                    format!("there is no stage {index}"),
                    Some(match before {
                        0 => "there is no stage before this one".to_owned(),
                        before => format!("stages before this one: 0 to {}", before - 1),
                    }),
                )),
            };
        }
        if let Some(index) = self.stage(text, before) {
            return Ok(Source::Stage(index));
        }
        if let Some(index) = self.stage(text, self.stages.len()) {
            return Err(self.late(index, before, &wrong));
        }
        if let Some(context) = self.context(text) {
            return Ok(Source::Named(context.to_owned()));
        }
        Ok(Source::Image(text.to_owned()))
    }

    /// What somebody may have meant by `text` in stage `before`, which turned out to be no image.
    pub fn suggestion(&self, text: &str, before: usize) -> Option<String> {
        let stages = self.stages[..before.min(self.stages.len())].iter();
        suggestion("stages", text, stages.flatten().map(String::as_str))
    }

    fn late(
        &self,
        index: usize,
        before: usize,
        wrong: &dyn Fn(String, Option<String>) -> Diagnostic,
    ) -> Diagnostic {
        let title = self.title(index);
        if index == before {
            wrong(
                "this stage takes from itself".to_owned(),
                Some("leave --from out to take from the context".to_owned()),
            )
        } else {
            wrong(
                format!("stage \"{title}\" begins below, it is not there yet"),
                Some(format!("move stage \"{title}\" up")),
            )
        }
    }
}

/// The short form of an image's name: `docker.io/library/alpine:latest` is `alpine`.
fn familiar(name: &str) -> String {
    let name = name.to_lowercase();
    let name = name.strip_suffix(":latest").unwrap_or(&name);
    let name = ["docker.io/", "index.docker.io/"]
        .iter()
        .find_map(|registry| name.strip_prefix(registry))
        .unwrap_or(name);
    match name.strip_prefix("library/") {
        Some(rest) if !rest.contains('/') => rest.to_owned(),
        _ => name.to_owned(),
    }
}
