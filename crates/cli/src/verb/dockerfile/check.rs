//! The build checks: what is allowed in a Dockerfile and yet probably not meant.

use boatyard_engine::dockerfile::Request;
use boatyard_plan::diagnostic::Diagnostic;
use boatyard_plan::dockerfile::check::{CheckFinding, Facts, Settings, check};
use boatyard_plan::event::{Event, Level};
use boatyard_plan::failure::Fault;

use super::context::Context;
use crate::answer;
use crate::diagnose::{self, Mistakes};
use crate::progress::Sink;
use crate::stopped::Stopped;

/// Tells all findings, and stops if there are any.
pub fn all(context: &Context, request: &Request, json: bool) -> Result<(), Stopped> {
    let findings = find(context, request);
    if !findings.is_empty() && json {
        let stopped = stopped(context, findings);
        answer::text(&format!("{}\n", diagnose::line(&stopped)))?;
        return Err(Stopped::Ended(stopped.exit_code()));
    }
    if !findings.is_empty() {
        return Err(stopped(context, findings));
    }
    if json {
        return answer::json(&serde_json::json!({ "findings": [] }));
    }
    answer::text(&format!("{}: nothing found\n", context.shown))
}

/// Tells findings before a build as warnings, and stops if the Dockerfile says that they are errors.
pub fn warn(context: &Context, request: &Request, sink: &Sink) -> Result<(), Stopped> {
    let findings = find(context, request);
    let directive = request.dockerfile.directives.check.as_ref();
    let settings = directive.and_then(|word| Settings::read(&word.text).ok());
    if settings.is_some_and(|settings| settings.error) && !findings.is_empty() {
        return Err(stopped(context, findings));
    }
    for finding in findings {
        let finding = diagnostic(finding);
        let (line, column) = finding.position(&context.text);
        sink(Event::Notice {
            level: Level::Warning,
            message: format!("{}:{line}:{column}: {}", context.shown, finding.message),
            help: finding.help,
        });
    }
    Ok(())
}

fn find(context: &Context, request: &Request) -> Vec<CheckFinding> {
    let facts = Facts {
        ignore: request.ignore.as_ref(),
        arguments: request.arguments.clone(),
        ..Facts::default()
    };
    check(&request.dockerfile, &context.text, &facts)
}

fn stopped(context: &Context, findings: Vec<CheckFinding>) -> Stopped {
    Stopped::Mistaken(Mistakes {
        file: context.shown.clone(),
        text: context.text.clone(),
        diagnostics: findings.into_iter().map(diagnostic).collect(),
        fault: Fault::Work,
        causes: Vec::new(),
        findings: true,
    })
}

fn diagnostic(finding: CheckFinding) -> Diagnostic {
    Diagnostic {
        message: format!("{}: {}", finding.rule.name(), finding.message),
        span: finding.span,
        label: String::new(),
        help: Some(finding.help),
    }
}
