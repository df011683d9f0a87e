//! Reads `[check]` of a boatyard.toml.

use std::ops::Range;

use boatyard_plan::diagnostic::Diagnostic;
use boatyard_plan::variant;
use toml::de::{DeTable, DeValue};

use super::{Settings, Variant};
use crate::finding::Severity;
use crate::rule;

/// What `[check]` of `text`, a boatyard.toml, says; mistakes in it. A text that is not TOML says nothing: whoever reads the
/// project tells that.
pub fn read(text: &str) -> (Settings, Vec<Diagnostic>) {
    let mut reader = Reader::default();
    let (document, _) = DeTable::parse_recoverable(text);
    if let Some(table) = document
        .get_ref()
        .get("check")
        .and_then(|check| check.get_ref().as_table())
    {
        reader.check(table);
    }
    (reader.settings, reader.mistakes)
}

#[derive(Default)]
struct Reader {
    settings: Settings,
    mistakes: Vec<Diagnostic>,
}

impl Reader {
    fn check(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            let span = value.span();
            let value = value.get_ref();
            match key.get_ref().as_ref() {
                "variant" => match value
                    .as_str()
                    .map(|name| (name, variant::Variant::named(name)))
                {
                    Some((_, Some(one))) => self.settings.variant = one.into(),
                    Some(("both", None)) => self.settings.variant = Variant::Both,
                    _ => self.wrong(span, "check.variant is neither docker nor k8s nor both"),
                },
                "ignore" => self.settings.ignore = self.rules(value, &span),
                "severity" => self.severities(value, &span),
                "path" => self.paths(value, &span),
                other => {
                    let message = format!("unknown key \"{other}\" in [check]");
                    self.wrong(key.span(), &message);
                }
            }
        }
    }

    fn severities(&mut self, value: &DeValue<'_>, span: &Range<usize>) {
        let Some(table) = value.as_table() else {
            return self.wrong(span.clone(), "check.severity is not a table");
        };
        for (key, value) in table {
            let rule = key.get_ref().to_string();
            self.known(&rule, key.span());
            match value.get_ref().as_str().and_then(Severity::named) {
                Some(severity) => {
                    self.settings
                        .severity
                        .insert(rule.to_ascii_uppercase(), severity);
                }
                None => self.wrong(value.span(), "a severity is error, warning or info"),
            }
        }
    }

    fn paths(&mut self, value: &DeValue<'_>, span: &Range<usize>) {
        let Some(table) = value.as_table() else {
            return self.wrong(span.clone(), "check.path is not a table of patterns");
        };
        for (pattern, value) in table {
            let rules = value
                .get_ref()
                .as_table()
                .and_then(|table| table.get("ignore"));
            match rules {
                Some(rules) => {
                    let rules = self.rules(rules.get_ref(), &rules.span());
                    self.settings
                        .paths
                        .push((pattern.get_ref().to_string(), rules));
                }
                None => self.wrong(
                    value.span(),
                    "a pattern of check.path needs ignore = [\"RULE\"]",
                ),
            }
        }
    }

    fn rules(&mut self, value: &DeValue<'_>, span: &Range<usize>) -> Vec<String> {
        let Some(list) = value.as_array() else {
            self.wrong(span.clone(), "expected a list of rules");
            return Vec::new();
        };
        let mut rules = Vec::new();
        for one in list {
            match one.get_ref().as_str() {
                Some(rule) => {
                    self.known(rule, one.span());
                    rules.push(rule.to_owned());
                }
                None => self.wrong(one.span(), "expected the id of a rule"),
            }
        }
        rules
    }

    fn known(&mut self, id: &str, span: Range<usize>) {
        if rule::named(id).is_none() {
            self.wrong(span, &format!("there is no rule \"{id}\""));
        }
    }

    fn wrong(&mut self, span: Range<usize>, message: &str) {
        self.mistakes.push(Diagnostic {
            message: message.to_owned(),
            span,
            label: String::new(),
            help: None,
        });
    }
}
