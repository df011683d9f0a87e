//! Mistakes in a file of the user's: each with its place, the text underlined, and a suggestion.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use boatyard_plan::diagnostic::Diagnostic;
use boatyard_plan::failure::Fault;
use serde::Serialize;

use crate::colour::Paint;

/// Mistakes in one file, or what could not be done that a line of it asks for.
#[derive(Debug)]
pub struct Mistakes {
    /// The file as people should see it named.
    pub file: String,
    /// Its text.
    pub text: String,
    /// What is wrong with it. Never empty.
    pub diagnostics: Vec<Diagnostic>,
    /// Whose fault it is.
    pub fault: Fault,
    /// What caused the last of them, nearest first.
    pub causes: Vec<String>,
    /// Whether they are findings: allowed, and probably not meant.
    pub findings: bool,
}

/// One mistake for programs.
#[derive(Debug, Serialize)]
pub struct Place {
    file: String,
    /// From 1.
    line: usize,
    /// From 1, in characters.
    column: usize,
    /// Bytes of the file.
    span: Range<usize>,
    message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

impl Mistakes {
    /// All of them for people, with a closing line that counts them where there are several.
    pub fn text(&self, paint: Paint, unicode: bool) -> String {
        let renderer = if paint.on {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        // Rounded corners and arrows are for terminals: a log is read with ASCII at hand.
        let renderer = renderer.decor_style(if unicode && paint.on {
            DecorStyle::Unicode
        } else {
            DecorStyle::Ascii
        });
        let mut text = String::new();
        let last = self.diagnostics.len().saturating_sub(1);
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            let causes = if index == last { &self.causes[..] } else { &[] };
            text.push_str(&renderer.render(&[self.group(diagnostic, causes)]));
            text.push_str("\n\n");
        }
        let count = self.diagnostics.len();
        if count > 1 {
            let summary = self.level().primary_title(self.summary());
            text.push_str(&renderer.render(&[Group::with_title(summary)]));
            text.push('\n');
        } else {
            text.pop();
        }
        text
    }

    /// One line about all of them.
    pub fn summary(&self) -> String {
        match self.diagnostics.len() {
            1 if self.findings => format!("{} has a finding", self.file),
            count if self.findings => format!("{} has {count} findings", self.file),
            1 if self.fault != Fault::User => self.diagnostics[0].message.clone(),
            1 => format!("{} has a mistake", self.file),
            count => format!("{} has {count} mistakes", self.file),
        }
    }

    /// All of them for programs.
    pub fn places(&self) -> Vec<Place> {
        let place = |diagnostic: &Diagnostic| {
            let (line, column) = diagnostic.position(&self.text);
            Place {
                file: self.file.clone(),
                line,
                column,
                span: diagnostic.span.clone(),
                message: diagnostic.message.clone(),
                label: diagnostic.label.clone(),
                help: diagnostic.help.clone(),
            }
        };
        self.diagnostics.iter().map(place).collect()
    }

    fn level(&self) -> Level<'static> {
        if self.findings {
            Level::WARNING
        } else {
            Level::ERROR
        }
    }

    fn group<'a>(&'a self, diagnostic: &'a Diagnostic, causes: &'a [String]) -> Group<'a> {
        let label = Some(diagnostic.label.as_str()).filter(|label| !label.is_empty());
        let annotation = AnnotationKind::Primary
            .span(within(&self.text, &diagnostic.span))
            .label(label);
        let snippet = Snippet::source(self.text.as_str())
            .path(self.file.as_str())
            .annotation(annotation);
        let mut group = self
            .level()
            .primary_title(diagnostic.message.as_str())
            .element(snippet);
        for cause in causes {
            group = group.element(Level::NOTE.with_name("because").message(cause.as_str()));
        }
        if let Some(help) = &diagnostic.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        group
    }
}

/// The span, cut to the text and moved outwards to character boundaries: the renderer would panic on others, and a
/// span that is slightly off is no reason to lose the message.
pub fn within(text: &str, span: &Range<usize>) -> Range<usize> {
    let mut start = span.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = span.end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_cut_to_character_boundaries() {
        let text = "a = \"é\"";
        assert_eq!(within(text, &(6..6)), 5..7);
        assert_eq!(within(text, &(5..6)), 5..7);
        assert_eq!(within(text, &(100..200)), 8..8);
        assert_eq!(within("", &(0..1)), 0..0);
    }

    #[test]
    fn every_mistake_is_shown_and_counted() {
        let mistakes = Mistakes {
            file: "boatyard.toml".to_owned(),
            text: "[project]\nname = 3\n\n[image]\npakages = []\n".to_owned(),
            diagnostics: vec![
                Diagnostic {
                    message: "project.name is a number; expected a text".to_owned(),
                    span: 17..18,
                    label: "expected a text".to_owned(),
                    help: None,
                },
                Diagnostic {
                    message: "unknown key \"pakages\"".to_owned(),
                    span: 28..35,
                    label: String::new(),
                    help: Some("did you mean \"packages\"?".to_owned()),
                },
            ],
            fault: Fault::User,
            causes: Vec::new(),
            findings: false,
        };
        insta::assert_snapshot!(mistakes.text(Paint { on: false }, true));
    }
}
