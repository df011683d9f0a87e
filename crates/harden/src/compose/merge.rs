//! One service on top of another, as `extends` has it (Compose specification, 05-services, extends).

use std::rc::Rc;

use super::reader::pairs;
use crate::yaml::{Entry, Node, Style, Value};

/// Keys whose lists are taken as a whole.
const WHOLE: [&str; 3] = ["command", "entrypoint", "test"];

/// `own` on top of `base`: mappings are merged, lists put together, all else is replaced.
pub(super) fn merge(base: &Node, own: &Node) -> Node {
    let mut entries: Vec<Entry> = pairs(base)
        .into_iter()
        .map(|(key, value)| entry(key, value))
        .collect();
    for (key, value) in pairs(own) {
        let name = key.text().unwrap_or_default();
        let Some(below) = entries.iter_mut().find(|one| one.key.text() == Some(name)) else {
            entries.push(entry(key, value));
            continue;
        };
        let merged = match name {
            "environment" | "args" => merge(&named(&below.value), &named(&value)),
            _ if below.value.is_mapping() && value.is_mapping() => merge(&below.value, &value),
            _ if below.value.is_list() && value.is_list() && !WHOLE.contains(&name) => {
                let mut items = below.value.items();
                items.extend(value.items());
                Node {
                    value: Rc::new(Value::Sequence(items, true)),
                    ..value
                }
            }
            _ => value,
        };
        *below = entry(key, merged);
    }
    mapping(entries, own)
}

/// The service with the variables of its files as its own; what it says itself counts more (Compose specification, `env_file`).
pub(super) fn with_variables(service: Node) -> Node {
    let Some(variables) = service.entry("env_file").map(|entry| entry.value.clone()) else {
        return service;
    };
    let rest = pairs(&service).into_iter();
    let rest = rest.filter(|(key, _)| key.text() != Some("env_file"));
    let rest: Vec<Entry> = rest.map(|(key, value)| entry(key, value)).collect();
    let environment = entry(scalar("environment", &variables), variables.clone());
    merge(
        &mapping(vec![environment], &variables),
        &mapping(rest, &service),
    )
}

/// A list of `NAME=VALUE` as a mapping.
fn named(node: &Node) -> Node {
    if !node.is_list() {
        return node.clone();
    }
    let items = node.items().into_iter();
    let entries = items.filter_map(|item| {
        let text = item.text()?;
        let (name, value) = text
            .split_once('=')
            .map_or((text, None), |(name, value)| (name, Some(value)));
        let value = value.map_or_else(|| nothing(&item), |value| scalar(value, &item));
        Some(entry(scalar(name, &item), value))
    });
    mapping(entries.collect(), node)
}

/// A key and its value.
pub(super) fn entry(key: Node, value: Node) -> Entry {
    Entry { key, value }
}

/// A text that stands where `at` does.
pub(super) fn scalar(text: &str, at: &Node) -> Node {
    Node {
        span: at.span.clone(),
        aliased: true,
        value: Rc::new(Value::Scalar(text.to_owned(), Style::Quoted)),
    }
}

/// Nothing, where `at` stands.
pub(super) fn nothing(at: &Node) -> Node {
    Node {
        span: at.span.clone(),
        aliased: true,
        value: Rc::new(Value::Scalar(String::new(), Style::Plain)),
    }
}

/// A mapping that stands where `at` does.
pub(super) fn mapping(entries: Vec<Entry>, at: &Node) -> Node {
    Node {
        span: at.span.clone(),
        aliased: true,
        value: Rc::new(Value::Mapping(entries, true)),
    }
}

/// The same, all of it where `at` stands.
pub(super) fn placed(node: &Node, at: &Node) -> Node {
    let value = match &*node.value {
        Value::Scalar(text, style) => Value::Scalar(text.clone(), *style),
        Value::Sequence(items, flow) => {
            Value::Sequence(items.iter().map(|item| placed(item, at)).collect(), *flow)
        }
        Value::Mapping(entries, flow) => Value::Mapping(
            entries
                .iter()
                .map(|one| entry(placed(&one.key, at), placed(&one.value, at)))
                .collect(),
            *flow,
        ),
    };
    Node {
        span: at.span.clone(),
        aliased: true,
        value: Rc::new(value),
    }
}
