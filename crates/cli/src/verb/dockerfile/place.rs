//! Failures of a build with their place in the Dockerfile.

use std::error::Error as _;

use boatyard_engine::dockerfile::DockerfileError;
use boatyard_plan::diagnostic::Diagnostic;
use boatyard_plan::failure::{Failure, Fault};

use super::context::Context;
use crate::diagnose::Mistakes;
use crate::stopped::Stopped;

/// Mistakes that were found in the Dockerfile.
pub fn mistakes(context: &Context, diagnostics: Vec<Diagnostic>) -> Stopped {
    of_file(&context.shown, &context.text, diagnostics)
}

fn of_file(file: &str, text: &str, diagnostics: Vec<Diagnostic>) -> Stopped {
    Stopped::Mistaken(Mistakes {
        file: file.to_owned(),
        text: text.to_owned(),
        diagnostics,
        fault: Fault::User,
        causes: Vec::new(),
        findings: false,
    })
}

/// A failed build: at the instruction that failed, if it was one.
pub fn failure(context: &Context, error: DockerfileError) -> Stopped {
    failure_in(&context.shown, &context.text, error)
}

/// A failed build of the Dockerfile that is shown as `file` and has this text.
pub fn failure_in(file: &str, text: &str, error: DockerfileError) -> Stopped {
    match error {
        DockerfileError::Mistakes(diagnostics) => of_file(file, text, diagnostics),
        DockerfileError::At { span, cause, .. } => {
            let instruction = text.get(span.clone()).unwrap_or_default();
            // Its first line is enough to find it.
            let end = span.start + instruction.find('\n').unwrap_or(instruction.len());
            let mut causes = Vec::new();
            let mut next = cause.source();
            while let Some(error) = next {
                causes.push(error.to_string());
                next = error.source();
            }
            // What a command printed has been shown.
            let message = cause.to_string();
            let message = message.lines().next().unwrap_or_default().to_owned();
            Stopped::Mistaken(Mistakes {
                file: file.to_owned(),
                text: text.to_owned(),
                diagnostics: vec![Diagnostic {
                    message,
                    span: span.start..end,
                    label: String::new(),
                    help: cause.help(),
                }],
                fault: cause.fault(),
                causes,
                findings: false,
            })
        }
        other => Stopped::Told(Box::new(other)),
    }
}
