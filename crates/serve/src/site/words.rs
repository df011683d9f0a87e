//! Events of our command as lines of a log. Pure.

use std::collections::BTreeMap;

use boatyard_plan::event::{Event, Level, Outcome};
use serde::Deserialize;

use super::deployed;

/// The error that a command with `--json` prints last.
#[derive(Deserialize)]
struct Line {
    error: Body,
}

#[derive(Deserialize)]
struct Body {
    message: String,
    #[serde(default)]
    causes: Vec<String>,
    help: Option<String>,
    #[serde(default)]
    diagnostics: Vec<Place>,
}

/// A mistake in a file.
#[derive(Deserialize)]
struct Place {
    file: String,
    line: usize,
    column: usize,
    message: String,
    help: Option<String>,
}

impl Place {
    fn line(&self) -> String {
        let Self {
            file,
            line,
            column,
            message,
            ..
        } = self;
        let help = self.help.as_ref().map(|help| format!(" ({help})"));
        let help = help.unwrap_or_default();
        format!("\n{file}:{line}:{column}: {message}{help}")
    }
}

/// What is remembered from line to line.
#[derive(Default)]
pub(crate) struct Words {
    titles: BTreeMap<String, String>,
    /// Whether anything of the project has run: from then on its data may be the reason.
    pub(crate) has_run: bool,
    /// Names of images that were built, until somebody has taken them.
    pub(crate) built: Vec<String>,
    /// Why it failed, in words for people.
    pub(crate) error: Option<String>,
}

impl Words {
    /// What a line of standard output says to people; nothing for what is not worth a line.
    pub(crate) fn of(&mut self, line: &str) -> Option<String> {
        if let Ok(Line { error }) = serde_json::from_str(line) {
            let text = said(&error);
            self.error = Some(text.clone());
            return Some(format!("error: {text}"));
        }
        match serde_json::from_str(line) {
            Ok(event) => {
                self.has_run |= matches!(
                    event,
                    Event::Log { .. } | Event::Ready { .. } | Event::Exited { .. }
                );
                self.event(event)
            }
            Err(_) => match deployed::of(line) {
                Some(text) => {
                    // What is on a cluster is begun with its data.
                    self.has_run |= deployed::begins(line);
                    (!text.is_empty()).then_some(text)
                }
                None => Some(line.to_owned()),
            },
        }
    }

    fn event(&mut self, event: Event) -> Option<String> {
        match event {
            Event::Started { id, title, .. } => {
                self.titles.insert(id, title);
                None
            }
            Event::Progress { .. } => None,
            Event::Output { line, .. } => Some(format!("    {line}")),
            Event::Finished {
                id,
                outcome,
                millis,
                ..
            } => {
                let title = self.titles.remove(&id)?;
                match outcome {
                    Outcome::Done => Some(format!("{title}: {}", seconds(millis))),
                    Outcome::Failed => Some(format!("{title}: failed after {}", seconds(millis))),
                    Outcome::Cached | Outcome::Skipped => None,
                }
            }
            Event::Notice {
                level,
                message,
                help,
            } => {
                let word = match level {
                    Level::Info => "note",
                    Level::Warning => "warning",
                };
                let help = help.map(|help| format!(" ({help})")).unwrap_or_default();
                Some(format!("{word}: {message}{help}"))
            }
            Event::Image { references, .. } => {
                let text = format!("image {}", references.join(" "));
                self.built.extend(references);
                Some(text)
            }
            Event::Ready {
                process, millis, ..
            } => Some(format!("{process} is ready after {}", seconds(millis))),
            Event::Log { process, line, .. } => Some(format!("{process} | {line}")),
            Event::Up { processes } => Some(format!("all {processes} processes are ready")),
            Event::Exited {
                process,
                code,
                asked,
            } => (!asked).then(|| format!("{process} exited with {code}")),
        }
    }
}

fn seconds(millis: u64) -> String {
    format!("{}.{} s", millis / 1000, millis % 1000 / 100)
}

/// The first line of what went wrong, its causes, and what to do.
fn said(error: &Body) -> String {
    let mut text = error.message.clone();
    text.extend(error.diagnostics.iter().map(Place::line));
    for cause in &error.causes {
        text.push_str(": ");
        text.push_str(cause);
    }
    if let Some(help) = &error.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn events_become_lines() {
        let mut words = Words::default();
        let lines = [
            (r#"{"event":"started","id":"a","title":"packages"}"#, None),
            (
                r#"{"event":"finished","id":"a","outcome":"done","millis":1250}"#,
                Some("packages: 1.2 s"),
            ),
            (
                r#"{"event":"log","process":"web","stream":"out","line":"hello"}"#,
                Some("web | hello"),
            ),
            (
                r#"{"event":"exited","process":"web","code":3}"#,
                Some("web exited with 3"),
            ),
            (
                r#"{"event":"exited","process":"web","code":0,"asked":true}"#,
                None,
            ),
            ("no event", Some("no event")),
            (
                r#"{"error":{"message":"Dockerfile has a mistake","exit_code":2,"diagnostics":[{"file":"Dockerfile","line":2,"column":6,"span":{"start":1,"end":2},"message":"no","help":"yes"}]}}"#,
                Some("error: Dockerfile has a mistake\nDockerfile:2:6: no (yes)"),
            ),
            (
                r#"{"error":{"message":"cannot build","causes":["no room"],"help":"make some","exit_code":3}}"#,
                Some("error: cannot build: no room\nhelp: make some"),
            ),
        ];
        for (line, expected) in lines {
            assert_eq!(words.of(line).as_deref(), expected, "{line}");
        }
        assert_eq!(
            words.error.as_deref(),
            Some("cannot build: no room\nhelp: make some")
        );
    }
}
