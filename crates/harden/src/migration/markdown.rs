//! The plan as people read and tick it, and as programs read it.

use std::fmt::Write as _;

use serde_json::{Value, json as value};

use super::item::{How, Item};
use super::phase::Phase;
use super::progress::{DONE, Plan, TITLE};

impl Plan {
    /// As Markdown: what the next run reads back.
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "{TITLE}\n\
             Written by `boatyard check --plan`, from what is found in the files; run it again and it is brought up to date: what is no\n\
             longer found is ticked. Tick yourself only what a person decides, to say that it stays as it is. Other words of yours in\n\
             this file are not kept.\n\n",
        );
        let (open, done) = (self.open.len(), self.done.len());
        let count = |word: &str| {
            self.open
                .iter()
                .filter(|item| item.how.word() == word)
                .count()
        };
        let _ = writeln!(
            text,
            "{open} open: {} by `--fix`, {} proposed by `--fix --unsafe`, {} for a person. {done} done, {} decided.",
            count("fix"),
            count("proposed"),
            count("person"),
            self.decided.len(),
        );
        for (index, phase) in Phase::ALL.into_iter().enumerate() {
            let of = |items: &'_ [Item]| -> Vec<Item> {
                items
                    .iter()
                    .filter(|item| item.phase == phase)
                    .cloned()
                    .collect()
            };
            let (open, decided) = (of(&self.open), of(&self.decided));
            let done = self.done.iter().filter(|(_, of, _)| *of == phase);
            if open.is_empty() && decided.is_empty() && done.clone().next().is_none() {
                continue;
            }
            let _ = write!(
                text,
                "\n## {}. {}\n\n{}\n\n",
                index + 1,
                phase.title(),
                phase.why()
            );
            for item in &open {
                let _ = writeln!(text, "- [ ] {} <!-- {} -->", words(item), item.id);
                details(&mut text, item);
            }
            for item in &decided {
                let _ = writeln!(text, "- [x] {} <!-- {} -->", words(item), item.id);
            }
            for (id, _, words) in done {
                let _ = writeln!(text, "- [x] {words} <!-- {DONE}{id} -->");
            }
        }
        text
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let item = |item: &Item, state: &str| {
            let edits = match &item.how {
                How::Fix(edits) | How::Proposed(edits) => edits.as_slice(),
                How::Person(_) => &[],
            };
            let edits: Vec<Value> = edits
                .iter()
                .map(|(before, after)| value!({"before": before, "after": after}))
                .collect();
            let refused = match &item.how {
                How::Person(why) => why.as_deref(),
                _ => None,
            };
            value!({
                "id": item.id,
                "state": state,
                "rule": item.rule,
                "file": item.file,
                "line": item.line,
                "message": item.message,
                "help": item.help,
                "how": item.how.word(),
                "edits": edits,
                "refused": refused,
            })
        };
        let phases: Vec<Value> =
            Phase::ALL
                .into_iter()
                .map(|phase| {
                    let listed = |items: &[Item], state: &str| -> Vec<Value> {
                        let own = items.iter().filter(|one| one.phase == phase);
                        own.map(|one| item(one, state)).collect()
                    };
                    let mut items = listed(&self.open, "open");
                    items.extend(listed(&self.decided, "decided"));
                    let done = self.done.iter().filter(|(_, of, _)| *of == phase);
                    items.extend(done.map(
                        |(id, _, words)| value!({"id": id, "state": "done", "message": words}),
                    ));
                    value!({"title": phase.title(), "why": phase.why(), "items": items})
                })
                .filter(|phase| {
                    phase["items"]
                        .as_array()
                        .is_some_and(|items| !items.is_empty())
                })
                .collect();
        value!({
            "phases": phases,
            "open": self.open.len(),
            "decided": self.decided.len(),
            "done": self.done.len(),
        })
    }
}

/// `[D01](...) Dockerfile:7: CMD starts a shell`; on one line, whatever the message has in it.
fn words(item: &Item) -> String {
    let message = item.message.replace('\n', " ").replace("<!--", "<!- -");
    format!("**{}** `{}:{}` {message}", item.rule, item.file, item.line)
}

/// Who does it, and what it is.
fn details(text: &mut String, item: &Item) {
    let edits = match &item.how {
        How::Fix(edits) => {
            text.push_str("  - `--fix` does it\n");
            edits
        }
        How::Proposed(edits) => {
            let _ = writeln!(
                text,
                "  - look at what `--fix --unsafe` proposes: {}",
                item.help
            );
            edits
        }
        How::Person(refused) => {
            let _ = writeln!(text, "  - decide: {}", item.help);
            if let Some(why) = refused {
                let _ = writeln!(text, "  - not done by `--fix`: {why}");
            }
            return;
        }
    };
    for (before, after) in edits {
        let _ = match (before.as_str(), after.as_str()) {
            ("", after) => writeln!(text, "    - add {}", code(after)),
            (before, "") => writeln!(text, "    - remove {}", code(before)),
            (before, after) => writeln!(text, "    - {} becomes {}", code(before), code(after)),
        };
    }
}

/// A piece of a file in Markdown, which may have backticks itself.
fn code(text: &str) -> String {
    if text.contains('`') {
        format!("`` {text} ``")
    } else {
        format!("`{text}`")
    }
}
