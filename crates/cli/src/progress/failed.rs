//! What is shown of a step that failed: its last lines, who asked for it, and why. What to do comes with the error.

use boatyard_plan::event::{Event, Level};

use super::amount;
use super::line::Line;
use super::origin::Origin;
use super::works::Work;
use crate::colour::{DIM, ERROR, HELP, STRONG, WARNING};

/// The lines about a failed step:
///
/// ```text
/// failed: python requirements.txt, after 3.2s
///   | error: no solution found when resolving dependencies
///   boatyard.toml:6  requirements = "requirements.txt"
///   why: the application's Python dependencies
/// ```
pub fn lines(work: &Work, origin: Option<&Origin>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line = Line::default();
    line.push(ERROR, "failed: ");
    line.push(STRONG, &*work.title);
    if let Some(end) = work.end {
        line.plain(format!(", after {}", amount::time(end.took)));
    }
    lines.push(line);
    for output in &work.tail {
        let mut line = Line::default();
        line.push(DIM, "  | ");
        line.plain(output.as_str());
        lines.push(line);
    }
    let Some(origin) = origin else {
        return lines;
    };
    if let Some((place, text)) = &origin.place {
        let mut line = Line::default();
        line.push(STRONG, format!("  {place}"));
        line.plain(format!("  {text}"));
        lines.push(line);
    }
    let mut line = Line::default();
    line.plain(format!("  why: {}", origin.why));
    lines.push(line);
    lines
}

/// The lines of a notice: `warning: message` and `help: ...`; of other events none.
pub fn notice(event: &Event) -> Vec<Line> {
    let Event::Notice {
        level,
        message,
        help,
    } = event
    else {
        return Vec::new();
    };
    let mut line = Line::default();
    match level {
        Level::Info => line.push(HELP, "note:"),
        Level::Warning => line.push(WARNING, "warning:"),
    }
    line.plain(format!(" {message}"));
    let mut lines = vec![line];
    if let Some(help) = help {
        let mut line = Line::default();
        line.push(HELP, "  help:");
        line.plain(format!(" {help}"));
        lines.push(line);
    }
    lines
}
