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
    Stopped::Mistaken(Mistakes {
        file: context.shown.clone(),
        text: context.text.clone(),
        diagnostics,
        fault: Fault::User,
        causes: Vec::new(),
        findings: false,
    })
}

/// A failed build: at the instruction that failed, if it was one.
pub fn failure(context: &Context, error: DockerfileError) -> Stopped {
    match error {
        DockerfileError::Mistakes(diagnostics) => mistakes(context, diagnostics),
        DockerfileError::At { span, cause, .. } => {
            let text = context.text.get(span.clone()).unwrap_or_default();
            // Its first line is enough to find it.
            let end = span.start + text.find('\n').unwrap_or(text.len());
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
                file: context.shown.clone(),
                text: context.text.clone(),
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
