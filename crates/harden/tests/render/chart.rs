//! Our own rendering of charts: just the actions that they have. Anything else fails.

use boatyard_harden::render::File;
use boatyard_harden::render::k8s::{Form, Options, render};
use boatyard_harden::yaml::{Node, Value, read};

use super::expected::{EXAMPLES, FULL, options, parsed};

/// What the templates of a chart become with the chart's own values.
pub fn evaluated(files: &[File]) -> Vec<File> {
    let named = |name: &str| files.iter().find(|file| file.path == name);
    let values = &named("values.yaml").expect("a chart has values").text;
    let (documents, mistakes) = read(values);
    assert!(mistakes.is_empty(), "{mistakes:?}");
    let values = documents[0].root.clone();
    assert!(named("Chart.yaml").is_some());
    let templates = files
        .iter()
        .filter(|file| file.path.starts_with("templates/"));
    let texts = templates.filter_map(|file| {
        let text = conditional(&file.text, &values)?;
        Some(File {
            path: file.path.replace("templates/", "evaluated/"),
            text: actions(text, &values),
        })
    });
    texts.collect()
}

/// The text within a condition that holds; a text without a condition.
fn conditional<'t>(text: &'t str, values: &Node) -> Option<&'t str> {
    let Some(rest) = text.strip_prefix("{{- if ") else {
        return Some(text);
    };
    let (condition, rest) = rest.split_once(" }}\n").expect("a condition ends");
    let inner = rest
        .strip_suffix("{{- end }}\n")
        .expect("a condition has an end");
    let holds = match condition.strip_prefix("gt (int ") {
        Some(rest) => {
            let path = rest.strip_suffix(") 1").expect("more than one");
            value(path, values).parse::<i64>().expect("a number") > 1
        }
        None => !value(condition, values).is_empty(),
    };
    holds.then_some(inner)
}

fn actions(text: &str, values: &Node) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{ ") {
        let (action, after) = after.split_once(" }}").expect("an action ends");
        out.push_str(before);
        out.push_str(&action_value(action, values));
        rest = after;
    }
    assert!(!rest.contains("{{"), "an action of another kind: {rest}");
    out + rest
}

fn action_value(action: &str, values: &Node) -> String {
    if action == "`{{`" {
        return "{{".to_owned();
    }
    let mut parts = action.split(" | ");
    let mut said = value(parts.next().expect("something is there"), values);
    for function in parts {
        said = match function {
            "quote" => format!("{said:?}"),
            "trunc 63" => said.chars().take(63).collect(),
            "trimSuffix \"-\"" => said.strip_suffix('-').unwrap_or(&said).to_owned(),
            other => panic!("no function of ours: {other}"),
        };
    }
    said
}

fn value(path: &str, values: &Node) -> String {
    let keys: Vec<&str> = match path.strip_prefix(".Values.") {
        Some(dotted) => dotted.split('.').collect(),
        None => path
            .strip_prefix("(index .Values ")
            .and_then(|rest| rest.strip_suffix(')'))
            .unwrap_or_else(|| panic!("not a value: {path}"))
            .split(' ')
            .map(|key| key.trim_matches('"'))
            .collect(),
    };
    let node = values
        .at(&keys)
        .unwrap_or_else(|| panic!("values have no {path}"));
    node.text().expect("a value is a scalar").to_owned()
}

#[test]
fn a_chart_becomes_the_manifests() {
    for (name, text) in EXAMPLES.iter().chain([&("full", FULL)]) {
        // A chart leaves the namespace to helm, and calls and marks jobs otherwise.
        let project = parsed(&text.replace("namespace = \"shop\"\n", ""));
        let said = |form| Options {
            form,
            host: Some("a.example.com".to_owned()),
            ..options()
        };
        let plain = render(&project, &said(Form::Plain)).files;
        let chart = evaluated(&render(&project, &said(Form::Helm)).files);
        let mut compared = 0;
        for file in plain.iter().filter(|file| !file.path.starts_with("job-")) {
            let path = format!("evaluated/{}", file.path);
            let other = chart.iter().find(|other| other.path == path);
            let other = other.unwrap_or_else(|| panic!("{name}: the chart has no {path}"));
            assert_eq!(plainly(&other.text), plainly(&file.text), "{name}: {path}");
            compared += 1;
        }
        assert!(compared > 5, "{name}: {compared}");
        assert_eq!(chart.len(), plain.len(), "{name}");
    }
}

/// Without what only looks different: quotes, lists on one line.
fn plainly(text: &str) -> String {
    let (documents, mistakes) = read(text);
    assert!(mistakes.is_empty(), "{mistakes:?}\n{text}");
    documents.iter().map(|one| said(&one.root)).collect()
}

fn said(node: &Node) -> String {
    match &*node.value {
        Value::Scalar(text, _) => format!("{text:?}"),
        Value::Sequence(items, _) => {
            let items: Vec<String> = items.iter().map(said).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Mapping(entries, _) => {
            let entries = entries.iter();
            let all: Vec<String> = entries
                .map(|entry| format!("{}: {}", said(&entry.key), said(&entry.value)))
                .collect();
            format!("{{{}}}", all.join(", "))
        }
    }
}
