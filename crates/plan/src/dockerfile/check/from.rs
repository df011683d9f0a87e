//! `UndefinedArgInFrom`, `InvalidDefaultArgInFrom`, `RedundantTargetPlatform`, `FromPlatformFlagConstDisallowed`.

use super::finding::Report;
use super::rule::Rule;
use super::scope::{self, declared};
use super::variable::span_in;
use crate::dockerfile::{Dockerfile, Stage, Variables, Word, expand, platform};
use crate::document::nearest;
use crate::image::Platform;
use crate::reference::Reference;

/// What `FROM` can use.
pub(super) struct Arguments<'a> {
    /// Where it is declared.
    pub dockerfile: &'a Dockerfile,
    /// With what is given.
    pub globals: &'a Variables,
    /// With defaults only.
    pub defaults: &'a Variables,
}

/// Checks a `FROM`.
pub(super) fn check(stage: &Stage, arguments: &Arguments<'_>, report: &mut Report) {
    undefined(&stage.image, arguments, report);
    defaults(&stage.image, arguments, report);
    if let Some(word) = &stage.platform {
        undefined(word, arguments, report);
        redundant(word, arguments, report);
        constant(stage, word, arguments, report);
    }
}

fn undefined(word: &Word, arguments: &Arguments<'_>, report: &mut Report) {
    let escape = arguments.dockerfile.directives.escape;
    let known: Vec<&str> = arguments
        .globals
        .iter()
        .map(|(name, _)| name)
        .chain(declared(arguments.dockerfile).map(|pair| pair.name.text.as_str()))
        .collect();
    for (name, range) in expand::names(&word.text, escape) {
        if !known.contains(&name.as_str()) {
            report.add(
                Rule::UndefinedArgInFrom,
                span_in(word, range),
                format!("the argument \"{name}\" is not declared before the first FROM"),
                match nearest(&name, known.iter().copied()) {
                    Some(other) => format!("did you mean \"{other}\"?"),
                    None => format!("write ARG {name} above the first FROM"),
                },
            );
        }
    }
}

fn defaults(word: &Word, arguments: &Arguments<'_>, report: &mut Report) {
    let escape = arguments.dockerfile.directives.escape;
    if expand::names(&word.text, escape).is_empty() {
        return;
    }
    let Ok(image) = expand::word(&word.text, escape, &arguments.defaults.lookup()) else {
        return;
    };
    let stage = |stage: &Stage| scope::name(stage).is_some_and(|name| name == image);
    if image.parse::<Reference>().is_err() && !arguments.dockerfile.stages.iter().any(stage) {
        report.add(
            Rule::InvalidDefaultArgInFrom,
            word.span.clone(),
            format!("without arguments this is \"{image}\", which names no image"),
            "give the ARG a default",
        );
    }
}

fn redundant(word: &Word, arguments: &Arguments<'_>, report: &mut Report) {
    let escape = arguments.dockerfile.directives.escape;
    let names = expand::names(&word.text, escape);
    let said = expand::word(&word.text, escape, &arguments.globals.lookup());
    let all = matches!(&names[..], [(name, _)] if name == "TARGETPLATFORM");
    if all && said.is_ok_and(|said| arguments.globals.get("TARGETPLATFORM") == Some(&said)) {
        report.add(
            Rule::RedundantTargetPlatform,
            word.span.clone(),
            format!("{} is what is built for anyway", word.text),
            "remove --platform",
        );
    }
}

fn constant(stage: &Stage, word: &Word, arguments: &Arguments<'_>, report: &mut Report) {
    let escape = arguments.dockerfile.directives.escape;
    if !expand::names(&word.text, escape).is_empty() {
        return;
    }
    let machine = Platform {
        os: "linux".to_owned(),
        architecture: "amd64".to_owned(),
        variant: None,
    };
    let said = expand::word(&word.text, escape, &|_| None).unwrap_or_default();
    let Some(fixed) = platform::parse(&said, &machine) else {
        return;
    };
    let name = scope::name(stage).unwrap_or_default();
    if name.contains(&fixed.os) || name.contains(&fixed.architecture) {
        return;
    }
    report.add(
        Rule::FromPlatformFlagConstDisallowed,
        word.span.clone(),
        format!("the platform is always {said}, whatever is built for"),
        format!(
            "remove --platform, use $BUILDPLATFORM, or put the platform into the stage's name, e.g. {}",
            fixed.architecture
        ),
    );
}
