//! `healthcheck`: how a role is asked whether it is ready.

use boatyard_plan::detect::url;
use boatyard_plan::run::Probe;

use super::reader::{Reader, pairs};
use crate::yaml::Node;

/// What `ready` of the service `name` is.
pub(super) fn ready(
    reader: &mut Reader<'_>,
    name: &str,
    service: &Node,
    port: Option<u16>,
) -> Option<String> {
    let check = service.get("healthcheck")?;
    if check.get("disable").and_then(|node| node.truth()) == Some(true) {
        return None;
    }
    let timing: Vec<String> = pairs(&check)
        .iter()
        .filter_map(|(key, _)| key.text().map(str::to_owned))
        .filter(|key| key != "test")
        .collect();
    if !timing.is_empty() {
        reader.left(
            &check,
            format!("healthcheck of {name}: {}", timing.join(", ")),
            "boatyard asks until the role is ready; what is rendered has times of its own",
        );
    }
    let test = check.get("test")?;
    let words = if test.is_list() {
        let items = test.items();
        let words: Option<Vec<String>> = items.iter().map(|item| reader.word(item)).collect();
        words?
    } else {
        vec!["CMD-SHELL".to_owned(), reader.word(&test)?]
    };
    let line = match words.split_first() {
        Some((first, rest)) if first == "CMD" => quoted(rest),
        Some((first, rest)) if first == "CMD-SHELL" => rest.join(" "),
        _ => return None,
    };
    if let Some(url) = url(&line) {
        return Some(url);
    }
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    if Probe::parse(&line, port).is_ok() {
        return Some(line);
    }
    reader.left(
        &test,
        format!("healthcheck of {name}: {line}"),
        "say in the role how to ask it: ready = \"http://:PORT/PATH\", \"tcp://:PORT\" or a command",
    );
    None
}

/// Words as a shell reads them back.
fn quoted(words: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,@%+".contains(c);
    let word = |word: &String| {
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    };
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}
