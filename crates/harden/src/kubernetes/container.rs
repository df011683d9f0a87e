//! One container of a pod.

use std::ops::Range;

use crate::yaml::Node;

/// One container of a pod.
#[derive(Clone, Debug)]
pub struct Container {
    /// All of it.
    pub node: Node,
    /// Whether it runs before the others.
    pub init: bool,
}

impl Container {
    /// Its name, or empty.
    pub fn name(&self) -> String {
        self.node.string("name").unwrap_or_default()
    }

    /// Its image.
    pub fn image(&self) -> Option<Node> {
        self.node.get("image")
    }

    /// Where its name stands, or where it begins.
    pub fn place(&self) -> Range<usize> {
        let start = self.node.span.start;
        self.node.get("name").map_or(start..start, |node| node.span)
    }

    /// A field of its `securityContext`.
    pub fn security(&self, key: &str) -> Option<Node> {
        self.node.get("securityContext")?.get(key)
    }

    /// `command` and `args`, as words.
    pub fn words(&self) -> Vec<String> {
        let list = |key: &str| {
            self.node
                .list(key)
                .into_iter()
                .filter_map(|item| item.text().map(str::to_owned))
                .collect::<Vec<_>>()
        };
        let mut words = list("command");
        words.extend(list("args"));
        words
    }

    /// Numbers and names of its ports.
    pub fn ports(&self) -> Vec<(i64, Option<String>, Node)> {
        self.node
            .list("ports")
            .into_iter()
            .filter_map(|port| {
                let number = port.get("containerPort")?;
                Some((number.number()?, port.string("name"), number))
            })
            .collect()
    }

    /// `preStop`'s wait in seconds.
    pub fn pre_stop_secs(&self) -> Option<i64> {
        let hook = self.node.at(&["lifecycle", "preStop"])?;
        if let Some(seconds) = hook.at(&["sleep", "seconds"]) {
            return seconds.number();
        }
        let words: Vec<String> = hook
            .at(&["exec", "command"])?
            .items()
            .iter()
            .filter_map(|item| item.text().map(str::to_owned))
            .collect();
        let line = words.join(" ");
        let mut parts = line.split([' ', ';', '&']).filter(|part| !part.is_empty());
        parts.find(|part| part.rsplit('/').next() == Some("sleep"))?;
        duration_secs(parts.next()?)
    }
}

/// The values of a container's variables that are written out.
pub fn literal_env(node: &Node) -> Vec<(String, Option<Node>, Node)> {
    node.list("env")
        .into_iter()
        .filter_map(|one| Some((one.string("name")?, one.get("value"), one)))
        .collect()
}

/// `90`, `90s`, `1m30s` in seconds.
pub fn duration_secs(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let mut total = 0;
    let mut number = String::new();
    for c in text.chars() {
        match c {
            '0'..='9' => number.push(c),
            'h' | 'm' | 's' => {
                let unit = match c {
                    'h' => 3600,
                    'm' => 60,
                    _ => 1,
                };
                total += std::mem::take(&mut number)
                    .parse::<i64>()
                    .ok()?
                    .checked_mul(unit)?;
            }
            _ => return None,
        }
    }
    number.is_empty().then_some(total)
}
