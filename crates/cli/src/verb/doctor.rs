//! `boatyard doctor`

use std::fmt::Write as _;

use boatyard_engine::host::{self, Finding, State};
use boatyard_plan::failure::{Failure, Fault};

use crate::colour::{ERROR, GOOD, HELP, STRONG, WARNING};
use crate::home;
use crate::stopped::Stopped;
use crate::voice::Voice;
use crate::{answer, progress::fold, yard};

/// Something that cannot be done without is missing.
#[derive(Debug, thiserror::Error)]
#[error("this machine does not permit what boatyard needs: {}", what.join(", "))]
struct Unfit {
    what: Vec<String>,
}

impl Failure for Unfit {
    fn fault(&self) -> Fault {
        Fault::Refused
    }
}

/// Where packages come from if nobody says anything else.
const MIRROR: &str = "http://deb.debian.org/debian";

/// Tells what this machine permits, and what to do about what it refuses.
pub fn run(voice: &Voice) -> Result<(), Stopped> {
    let findings = host::report(&yard::options(&home::open()?), MIRROR);
    if voice.json {
        answer::json(&findings)?;
    } else {
        answer::text(&text(&findings, voice))?;
    }
    let missing = findings
        .iter()
        .filter(|finding| finding.state == State::Missing);
    let what: Vec<String> = missing.map(|finding| finding.what.clone()).collect();
    if what.is_empty() {
        Ok(())
    } else {
        Err(Unfit { what }.into())
    }
}

/// ```text
/// ok       user namespaces   65536 users
/// limited  overlay mounts    not permitted here: snapshots are copied
///          do: modprobe overlay
/// ```
fn text(findings: &[Finding], voice: &Voice) -> String {
    let width = findings
        .iter()
        .map(|finding| finding.what.len())
        .max()
        .unwrap_or(0);
    let indent = "ok       ".len();
    let mut text = String::new();
    for finding in findings {
        let (style, word) = match finding.state {
            State::Ok => (GOOD, "ok"),
            State::Limited => (WARNING, "limited"),
            State::Missing => (ERROR, "missing"),
        };
        let word = voice.out.paint(style, format!("{word:<indent$}"));
        let what = voice.out.paint(STRONG, format!("{:<width$}", finding.what));
        let why = fold(&finding.why, indent + width + 2);
        let _ = writeln!(text, "{word}{what}  {why}");
        if let Some(remedy) = &finding.remedy {
            let label = voice.out.paint(HELP, "do:");
            let remedy = fold(remedy, indent + width + 6);
            let _ = writeln!(text, "{}{label} {remedy}", " ".repeat(indent + width + 2));
        }
    }
    text
}
