//! Whether it is stopped as it should be.

use super::judge::seconds;
use super::model::{Application, Check, Observed, Outcome, Promised, Reached};

/// Whether the signal that PID 1 gets reaches the application.
pub(super) fn signal(promised: &Promised, observed: &Observed) -> Check {
    let name = "signal";
    let (Some(application), Some(reached)) = (&observed.application, &observed.reached) else {
        return Check::new(name, Outcome::NotRun, "it ended before it was asked");
    };
    let who = &application.name;
    let sent = &promised.signal;
    match reached {
        Reached::Signal { name: got, after } => {
            let by = application
                .first
                .as_ref()
                .map_or_else(String::new, |first| format!(" from {first}"));
            let said = format!("{who} got {got}{by} {} ms after {sent}", after.as_millis());
            Check::new(name, Outcome::Passed, said).took(*after)
        }
        Reached::Died => {
            let said = format!("{sent} ended {who}, which has no handler for it");
            Check::new(name, Outcome::Passed, said)
        }
        Reached::Nothing {
            is_ignored,
            is_handled,
        } => {
            let said = why(application, sent, *is_ignored, *is_handled);
            Check::new(name, Outcome::Failed, said)
        }
        Reached::NotRun { why } => Check::new(name, Outcome::NotRun, why.clone()),
    }
}

fn why(application: &Application, sent: &str, is_ignored: bool, is_handled: bool) -> String {
    let who = &application.name;
    match &application.first {
        _ if is_ignored => format!("{who} ignores {sent}"),
        Some(first) => format!("{first} is PID 1 and does not pass {sent} on to {who}"),
        None if !is_handled => {
            format!("{who} is PID 1 and has no handler for {sent}, so the kernel drops it")
        }
        None => format!("{who} did not get {sent}"),
    }
}

/// Whether it ends within the grace.
pub(super) fn time(promised: &Promised, observed: &Observed) -> Check {
    let name = "stop";
    let grace = promised.grace.as_secs();
    let Some(stopped) = &observed.stopped else {
        let why = match &observed.reached {
            Some(Reached::NotRun { why }) => why.as_str(),
            _ => "it ended before it was asked",
        };
        return Check::new(name, Outcome::NotRun, why);
    };
    let (outcome, said) = match stopped.code {
        None => (
            Outcome::Failed,
            format!(
                "still ran {grace} s after {}, and was killed",
                promised.signal
            ),
        ),
        Some(code) if stopped.after >= promised.grace => (
            Outcome::Failed,
            format!(
                "ended with {code} only after {} of {grace} s",
                seconds(stopped.after)
            ),
        ),
        Some(code) => (
            Outcome::Passed,
            format!(
                "ended with {code} after {} of {grace} s",
                seconds(stopped.after)
            ),
        ),
    };
    Check::new(name, outcome, said).took(stopped.after)
}
