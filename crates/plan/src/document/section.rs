//! Typed access to one table of the file.
//!
//! ```text
//! let web = Section::new("role.web", table);
//! web.only(&["command", "port"], findings);        unknown keys are mistakes
//! let port = web.integer("port", findings);        None if absent or wrong; wrong is noted
//! ```

use toml::de::{DeTable, DeValue};

use super::duration::seconds;
use super::findings::Findings;
use super::places::join;
use super::suggest::{nearest, suggestion};

/// A table and the dotted path that leads to it.
#[derive(Clone, Debug)]
pub struct Section<'a> {
    /// Dotted path, empty for the document.
    pub path: String,
    table: &'a DeTable<'a>,
}

impl<'a> Section<'a> {
    /// The table at `path`.
    pub fn new(path: impl Into<String>, table: &'a DeTable<'a>) -> Self {
        Self {
            path: path.into(),
            table,
        }
    }

    /// The dotted path of `key`.
    pub fn path(&self, key: &str) -> String {
        join(&self.path, key)
    }

    /// Whether the table has `key`.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The value of `key`, whatever it is.
    pub fn value(&self, key: &str) -> Option<&'a DeValue<'a>> {
        self.table.get(key).map(toml::Spanned::get_ref)
    }

    /// Keys and values in the order of the file.
    pub fn entries(&self) -> Vec<(&'a str, &'a DeValue<'a>)> {
        let mut entries: Vec<_> = self.table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        entries
            .into_iter()
            .map(|(key, value)| (key.get_ref().as_ref(), value.get_ref()))
            .collect()
    }

    /// Notes every key that is not in `known`. Answers whether there was none.
    pub fn only(&self, known: &[&str], findings: &mut Findings) -> bool {
        let mut fits = true;
        for (key, _) in self.entries() {
            if known.contains(&key) {
                continue;
            }
            fits = false;
            let place = match self.path.rsplit_once('.') {
                _ if self.path.is_empty() => "at the top of the file".to_owned(),
                Some((array, index)) if index.bytes().all(|b| b.is_ascii_digit()) => {
                    format!("in [[{array}]]")
                }
                _ => format!("in [{}]", self.path),
            };
            findings
                .key(&self.path(key), format!("unknown key \"{key}\" {place}"))
                .with_label("not a key here")
                .with_suggestion(suggestion("keys", key, known.iter().copied()));
        }
        fits
    }

    /// A string.
    pub fn string(&self, key: &str, findings: &mut Findings) -> Option<String> {
        string(self.value(key)?, &self.path(key), findings)
    }

    /// An integer, whatever its size.
    pub fn integer(&self, key: &str, findings: &mut Findings) -> Option<i128> {
        let value = self.value(key)?;
        let DeValue::Integer(integer) = value else {
            wrong_type(value, &self.path(key), "an integer", findings);
            return None;
        };
        let parsed = i128::from_str_radix(integer.as_str(), integer.radix()).ok();
        if parsed.is_none() {
            findings
                .value(&self.path(key), format!("{key} is too large a number"))
                .with_label("out of range");
        }
        parsed
    }

    /// A boolean.
    pub fn boolean(&self, key: &str, findings: &mut Findings) -> Option<bool> {
        let value = self.value(key)?;
        let boolean = value.as_bool();
        if boolean.is_none() {
            wrong_type(value, &self.path(key), "true or false", findings);
        }
        boolean
    }

    /// A duration such as `30s` or `1m30s`, in seconds.
    pub fn seconds(&self, key: &str, findings: &mut Findings) -> Option<u64> {
        if let Some(DeValue::Integer(number)) = self.value(key) {
            findings
                .value(
                    &self.path(key),
                    format!("{key} must be a duration, not an integer"),
                )
                .with_label("seconds or minutes?")
                .with_help(format!("write it with a unit: \"{number}s\""));
            return None;
        }
        let text = self.string(key, findings)?;
        let seconds = seconds(&text);
        if seconds.is_none() {
            findings
                .value(&self.path(key), format!("\"{text}\" is not a duration"))
                .with_label("a number with its unit: s, m, h or d")
                .with_help("for example \"30s\" or \"2m\"");
        }
        seconds
    }

    /// The one of `choices` that the string names; `what` they are, for people.
    pub fn choice<T: Copy>(
        &self,
        key: &str,
        what: &str,
        choices: &[(&str, T)],
        findings: &mut Findings,
    ) -> Option<T> {
        let text = self.string(key, findings)?;
        if let Some((_, choice)) = choices.iter().find(|(name, _)| *name == text) {
            return Some(*choice);
        }
        let names = || choices.iter().map(|(name, _)| *name);
        findings
            .value(&self.path(key), format!("unknown {what} \"{text}\""))
            .with_label(format!("expected {}", one_of(&names().collect::<Vec<_>>())))
            .with_suggestion(
                nearest(&text, names()).map(|name| format!("did you mean \"{name}\"?")),
            );
        None
    }

    /// A table.
    pub fn section(&self, key: &str, findings: &mut Findings) -> Option<Section<'a>> {
        section(self.value(key)?, &self.path(key), findings)
    }

    /// The tables in the table `key`, by name: `[role.web]` and `[role.worker]` for `role`.
    pub fn named(&self, key: &str, findings: &mut Findings) -> Vec<(&'a str, Section<'a>)> {
        let Some(outer) = self.section(key, findings) else {
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (name, value) in outer.entries() {
            if let DeValue::Table(table) = value {
                sections.push((name, Section::new(outer.path(name), table)));
                continue;
            }
            wrong_type(value, &outer.path(name), "a table", findings).with_help(format!(
                "each {key} is a table of its own: [{}.NAME]",
                outer.path
            ));
        }
        sections
    }

    /// The tables of an array, `[[key]]`, in the order of the file. Empty if absent.
    pub fn tables(&self, key: &str, findings: &mut Findings) -> Vec<Section<'a>> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let path = self.path(key);
        let Some(items) = value.as_array() else {
            wrong_type(value, &path, "an array of tables", findings)
                .with_help(format!("each is a table of its own: [[{path}]]"));
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (index, item) in items.iter().enumerate() {
            sections.extend(section(
                item.get_ref(),
                &join(&path, &index.to_string()),
                findings,
            ));
        }
        sections
    }

    /// An array of strings, each with its dotted path. Empty if absent.
    pub fn strings(&self, key: &str, findings: &mut Findings) -> Vec<(String, String)> {
        match self.value(key) {
            Some(value) => strings(value, &self.path(key), findings),
            None => Vec::new(),
        }
    }

    /// A string, or an array of strings; each with its dotted path. Empty if absent.
    pub fn string_or_strings(&self, key: &str, findings: &mut Findings) -> Vec<(String, String)> {
        match self.value(key) {
            Some(DeValue::String(text)) => vec![(self.path(key), text.to_string())],
            Some(value @ DeValue::Array(_)) => strings(value, &self.path(key), findings),
            Some(value) => {
                wrong_type(
                    value,
                    &self.path(key),
                    "a string or an array of strings",
                    findings,
                );
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// Strings by key, each with its dotted path, in the order of the file. Empty if absent.
    pub fn strings_by_key(
        &self,
        key: &str,
        findings: &mut Findings,
    ) -> Vec<(String, &'a str, String)> {
        let Some(section) = self.section(key, findings) else {
            return Vec::new();
        };
        let mut pairs = Vec::new();
        for (name, value) in section.entries() {
            if let Some(text) = string(value, &section.path(name), findings) {
                pairs.push((section.path(name), name, text));
            }
        }
        pairs
    }
}

/// The value as a string, or a finding.
pub fn string(value: &DeValue<'_>, path: &str, findings: &mut Findings) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        other => {
            let quoted = quoted(other);
            let diagnostic = wrong_type(other, path, "a string", findings);
            diagnostic.help = quoted.map(|text| format!("write it as a string: \"{text}\""));
            None
        }
    }
}

/// The value as a table, or a finding.
pub fn section<'a>(
    value: &'a DeValue<'a>,
    path: &str,
    findings: &mut Findings,
) -> Option<Section<'a>> {
    if let DeValue::Table(table) = value {
        return Some(Section::new(path, table));
    }
    wrong_type(value, path, "a table", findings);
    None
}

/// The value is of the wrong type.
pub fn wrong_type<'f>(
    found: &DeValue<'_>,
    path: &str,
    expected: &str,
    findings: &'f mut Findings,
) -> &'f mut crate::diagnostic::Diagnostic {
    let found = article(found);
    let last = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
    let name = match path.rsplit_once('.') {
        // An item of an array is named by its array.
        Some((outer, index)) if index.bytes().all(|b| b.is_ascii_digit()) => {
            format!("an item of {}", last(outer))
        }
        _ => last(path),
    };
    findings
        .value(path, format!("{name} must be {expected}, not {found}"))
        .with_label(format!("expected {expected}"))
}

fn strings(value: &DeValue<'_>, path: &str, findings: &mut Findings) -> Vec<(String, String)> {
    let Some(items) = value.as_array() else {
        let single = value.as_str().map(|text| format!("write [\"{text}\"]"));
        wrong_type(value, path, "an array of strings", findings).with_suggestion(single);
        return Vec::new();
    };
    let mut strings = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let path = join(path, &index.to_string());
        if let Some(text) = string(item.get_ref(), &path, findings) {
            strings.push((path, text));
        }
    }
    strings
}

/// `a, b or c`.
fn one_of(names: &[&str]) -> String {
    match names {
        [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        names => names.concat(),
    }
}

fn article(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

/// How a scalar looks between quotes.
fn quoted(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(boolean) => Some(boolean.to_string()),
        DeValue::Datetime(date) => Some(date.to_string()),
        _ => None,
    }
}
