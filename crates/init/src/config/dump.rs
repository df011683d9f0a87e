//! The whole configuration, for people and for programs.

use std::fmt::Write as _;

use super::layer::{Config, Item};
use super::secret::masked;

/// How it is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// With the origin of each value.
    pub origin: bool,
    /// As JSON.
    pub json: bool,
    /// With secrets.
    pub secrets: bool,
}

/// All of it. As text it is an INI file that means the same, but for what is masked.
pub fn dump(config: &Config, form: Form) -> String {
    let shown = |key: &str, item: &Item| {
        if form.secrets {
            item.value.clone()
        } else {
            masked(key, &item.value)
        }
    };
    if form.json {
        return json(config, form, shown);
    }
    let mut text = String::new();
    let mut last = None;
    for (section, key, item) in config.items() {
        if last != Some(section) {
            let gap = if last.is_some() { "\n" } else { "" };
            let _ = writeln!(text, "{gap}[{section}]");
            last = Some(section);
        }
        if form.origin {
            let _ = writeln!(text, "# {}", item.origin);
        }
        let value = shown(key, &item).replace('\n', "\n    ");
        let _ = writeln!(text, "{}", format!("{key} = {value}").trim_end());
    }
    for name in config.other_variables() {
        let _ = writeln!(text, "# no file has what the variable {name} sets");
    }
    text
}

fn json(config: &Config, form: Form, shown: impl Fn(&str, &Item) -> String) -> String {
    let mut sections = serde_json::Map::new();
    for (section, key, item) in config.items() {
        let value = serde_json::Value::from(shown(key, &item));
        let value = if form.origin {
            serde_json::json!({"value": value, "origin": item.origin.to_string()})
        } else {
            value
        };
        let entry = sections
            .entry(section)
            .or_insert_with(|| serde_json::json!({}));
        if let Some(options) = entry.as_object_mut() {
            options.insert(key.to_owned(), value);
        }
    }
    serde_json::Value::Object(sections).to_string() + "\n"
}
