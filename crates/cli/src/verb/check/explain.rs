//! `boatyard check --explain RULE`

use std::fmt::Write as _;

use boatyard_harden::page;
use boatyard_harden::rule::{self, ALL};

use super::error::CheckError;
use crate::answer;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Says what a rule is about, or lists all of them.
pub fn run(id: &str, voice: &Voice) -> Result<(), Stopped> {
    if id == "all" {
        let mut text = String::new();
        for rule in ALL {
            let _ = writeln!(
                text,
                "{}  {:<7}  {}",
                rule.id,
                rule.severity.name(),
                rule.title
            );
        }
        if voice.json {
            let list: Vec<_> = ALL.iter().map(|rule| said(rule)).collect();
            return answer::json(&list);
        }
        return answer::text(&text);
    }
    let rule = rule::named(id).ok_or_else(|| CheckError::Rule { id: id.to_owned() })?;
    if voice.json {
        return answer::json(&said(rule));
    }
    answer::text(&page::explanation(rule))
}

fn said(rule: &rule::Rule) -> serde_json::Value {
    serde_json::json!({
        "rule": rule.id,
        "severity": rule.severity.name(),
        "title": rule.title,
        "why": rule.why,
        "help": rule.mend,
        "same_as": rule.same_as,
    })
}
