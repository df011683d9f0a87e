//! Environments as people read them.

use std::fmt::Write as _;

use boatyard_preview::revision::short;
use boatyard_serve::logs::plain;
use serde::Deserialize;
use serde_json::Value;

use crate::answer::Table;
use crate::colour::Paint;

/// What is shown of an environment.
#[derive(Clone, Debug, Deserialize)]
pub struct Environment {
    pub id: String,
    pub repository: Repository,
    pub branch: Option<String>,
    pub pull_request: Option<u64>,
    pub commit: String,
    pub title: String,
    pub url: String,
    pub phase: String,
    pub since: String,
    pub is_asked: bool,
    pub is_pinned: bool,
    pub reason: Option<String>,
    #[serde(default)]
    pub snapshots: Vec<Snapshot>,
    #[serde(default)]
    pub undone: Option<String>,
    #[serde(default)]
    pub queue: Option<Waiting>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Repository {
    pub name: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Snapshot {
    pub name: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Waiting {
    pub position: u64,
    pub estimate_seconds: Option<u64>,
}

/// Something that happened.
#[derive(Clone, Debug, Deserialize)]
pub struct Entry {
    pub at: String,
    pub by: String,
    pub phase: Option<String>,
    pub why: String,
}

impl Environment {
    /// The branch or pull request.
    fn subject(&self) -> String {
        match (&self.branch, self.pull_request) {
            (Some(branch), _) => branch.clone(),
            (None, Some(number)) => format!("#{number}"),
            (None, None) => String::new(),
        }
    }

    /// What it is called in sentences.
    pub fn name(&self) -> String {
        format!("{} {}", self.repository.name, self.subject())
    }
}

/// What a server has said, without what tells terminals what to do: much of it strangers write, and environments print. Lines stay
/// lines.
pub fn legible(said: Value) -> Value {
    match said {
        Value::String(text) => {
            let lines: Vec<String> = text.lines().map(plain).collect();
            Value::String(lines.join("\n"))
        }
        Value::Array(all) => Value::Array(all.into_iter().map(legible).collect()),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            Value::Object(fields.map(|(name, value)| (name, legible(value))).collect())
        }
        other => other,
    }
}

/// Many of them.
pub fn table(all: &[Environment], paint: Paint) -> String {
    let mut table = Table::new(["ID", "PHASE", "REPOSITORY", "BRANCH", "COMMIT", "URL"]);
    for one in all {
        table.row([
            one.id.clone(),
            one.phase.clone(),
            one.repository.name.clone(),
            one.subject(),
            short(&one.commit).to_owned(),
            one.url.clone(),
        ]);
    }
    table.render(paint)
}

/// One of them, and what happened to it.
pub fn one(one: &Environment, history: &[Entry]) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            // What somebody else wrote does not look like another field.
            let value = value.replace('\n', "\n             ");
            let _ = writeln!(text, "{name:<12} {value}");
        }
    };
    line("environment", &one.name());
    line("title", &one.title);
    line("phase", &format!("{}, since {}", one.phase, one.since));
    line("reason", one.reason.as_deref().unwrap_or_default());
    if let Some(waiting) = &one.queue {
        line("queue", &position(waiting));
    }
    line("asked for", if one.is_asked { "yes" } else { "" });
    line("pinned", if one.is_pinned { "yes" } else { "" });
    let snapshots = one.snapshots.iter().map(|one| one.name.as_str());
    line("snapshots", &snapshots.collect::<Vec<_>>().join(", "));
    line("not done", one.undone.as_deref().unwrap_or_default());
    line("commit", &one.commit);
    line("url", &one.url);
    line("id", &one.id);
    if !history.is_empty() {
        text.push('\n');
    }
    for entry in history.iter().rev() {
        let phase = entry.phase.as_deref().unwrap_or("gone");
        let why = entry.why.replace('\n', " | ");
        let _ = writeln!(text, "{}  {phase:<10} {why} ({})", entry.at, entry.by);
    }
    text
}

fn position(waiting: &Waiting) -> String {
    match waiting.estimate_seconds {
        Some(seconds) => format!("number {}, its turn in about {seconds} s", waiting.position),
        None => format!("number {}", waiting.position),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Entry, Environment, legible, one};

    const SHOWN: &str = "\
environment  acme/shop #7
title        All about it
phase        failed, since then
reason       its last lines:
             web | red
             url          http://evil.test
commit       c0ffee
url          http://shop.test
id           abcdefghijklmnop

then  gone       one | two (eve)
";

    #[test]
    fn what_others_write_is_text_in_its_place() {
        let said = json!({
            "id": "abcdefghijklmnop",
            "repository": { "name": "acme/shop" },
            "branch": null,
            "pull_request": 7,
            "commit": "c0ffee",
            "title": "\u{1b}]0;mine\u{7}All \u{1b}[2Jabout it",
            "url": "http://shop.test",
            "phase": "failed",
            "since": "then",
            "is_asked": false,
            "is_pinned": false,
            "reason": "its last lines:\nweb | \u{1b}[31mred\u{1b}[0m\nurl          http://evil.test",
        });
        let environment: Environment = serde_json::from_value(legible(said)).unwrap();
        let history =
            json!([{ "at": "then", "by": "eve\u{9b}", "phase": null, "why": "one\ntwo" }]);
        let history: Vec<Entry> = serde_json::from_value(legible(history)).unwrap();
        assert_eq!(one(&environment, &history), SHOWN);
    }
}
