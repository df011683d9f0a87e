//! Mistakes as their cases show them.

use std::fmt::Write as _;

use boatyard_plan::diagnostic::Diagnostic;

/// Each as `line:column "what is wrong there": message; label; help`.
pub fn mistakes(mistakes: &[Diagnostic], text: &str) -> String {
    let mut out = String::new();
    for mistake in mistakes {
        let (line, column) = mistake.position(text);
        let written = &text[mistake.span.clone()];
        write!(out, "{line}:{column} {written:?}: {}", mistake.message)
            .expect("a string takes everything");
        if !mistake.label.is_empty() {
            write!(out, "; {}", mistake.label).expect("a string takes everything");
        }
        if let Some(help) = &mistake.help {
            write!(out, "\n  help: {help}").expect("a string takes everything");
        }
        out.push('\n');
    }
    out
}
