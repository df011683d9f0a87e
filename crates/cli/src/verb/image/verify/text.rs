//! What was proven, for people.

use std::fmt::Write as _;

use boatyard_plan::verify::{Check, Outcome};

use super::sizes::{self, Measured};
use crate::answer::Table;
use crate::colour::{DIM, ERROR, GOOD};
use crate::voice::Voice;

/// A table of checks, a table of sizes, and a line that counts.
pub fn render(checks: &[Check], sizes: &[Measured], voice: &Voice) -> String {
    let paint = voice.out;
    let mut table = Table::new(["CHECK", "", "FOUND"]);
    for check in checks {
        let style = match check.outcome {
            Outcome::Passed => GOOD,
            Outcome::Failed => ERROR,
            Outcome::NotRun => DIM,
        };
        table.row([
            check.name.to_owned(),
            paint.paint(style, check.outcome.words()).to_string(),
            check.said.clone(),
        ]);
    }
    let mut text = table.render(paint);
    let _ = write!(text, "\n{}\n", sizes::table(sizes, paint));
    let count = |outcome| checks.iter().filter(|one| one.outcome == outcome).count();
    let _ = writeln!(
        text,
        "{} passed, {} failed, {} not run",
        count(Outcome::Passed),
        count(Outcome::Failed),
        count(Outcome::NotRun)
    );
    text
}
