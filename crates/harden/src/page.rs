//! The page about a rule: made from the rule and its cases, so that no second copy can be wrong.

use std::fmt::Write as _;

use crate::rule::Rule;

/// One case of a rule: what is shown, what the files say.
#[derive(Clone, Debug, Default)]
pub struct Example {
    /// Files, by path.
    pub files: Vec<(String, String)>,
}

/// The page about `rule` in Markdown.
pub fn page(
    rule: &Rule,
    bad: Option<&Example>,
    good: Option<&Example>,
    fixed: Option<&Example>,
) -> String {
    let mut text = format!("# {}: {}\n\n", rule.id, rule.title);
    let _ = writeln!(
        text,
        "Severity: {}. {}\n",
        rule.severity.name(),
        rule.fix.sentence()
    );
    let _ = writeln!(text, "## Why\n\n{}\n", rule.why);
    let _ = writeln!(text, "## What to do\n\n{}\n", sentence(rule.mend));
    for (title, example) in [("Bad", bad), ("After `--fix`", fixed), ("Good", good)] {
        let Some(example) = example else { continue };
        let _ = writeln!(text, "## {title}\n");
        for (path, content) in &example.files {
            let content = content.trim_end();
            let _ = writeln!(text, "`{path}`\n\n```{}\n{content}\n```\n", language(path));
        }
    }
    if !rule.same_as.is_empty() {
        let _ = writeln!(text, "Others call it: {}.\n", rule.same_as);
    }
    let _ = writeln!(
        text,
        "Not here, with a reason: `# boatyard ignore={} REASON` above the place.",
        rule.id
    );
    text
}

/// What a terminal shows about `rule`.
pub fn explanation(rule: &Rule) -> String {
    let mut text = format!("{} ({}): {}\n\n", rule.id, rule.severity.name(), rule.title);
    let _ = writeln!(text, "Why: {}\n", rule.why);
    let _ = writeln!(text, "What to do: {}\n", rule.mend);
    let _ = writeln!(text, "{}", rule.fix.sentence());
    if !rule.same_as.is_empty() {
        let _ = writeln!(text, "Others call it: {}", rule.same_as);
    }
    let _ = writeln!(
        text,
        "Not here, with a reason: # boatyard ignore={} REASON",
        rule.id
    );
    text
}

fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next().map(|c| c.to_uppercase().collect::<String>());
    let text = first.unwrap_or_default() + chars.as_str();
    if text.ends_with(['.', '!', '?', ':']) {
        text
    } else {
        text + "."
    }
}

fn language(path: &str) -> &'static str {
    let lower = path.to_ascii_lowercase();
    if lower.contains("dockerfile") {
        return "dockerfile";
    }
    match lower.rsplit('.').next() {
        Some("yaml" | "yml") => "yaml",
        Some("toml") => "toml",
        _ => "sh",
    }
}
