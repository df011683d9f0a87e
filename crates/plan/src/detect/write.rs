//! A sketch as TOML.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::sketch::Sketch;
use crate::project::When;

/// The text of the boatyard.toml.
pub(super) fn text(sketch: &Sketch) -> String {
    let mut text = String::new();
    let mut line = |content: &str| {
        text.push_str(content);
        text.push('\n');
    };
    line(
        "# Written by \"boatyard new\" from what the source shows; every key: docs/reference/project-file.md of Boatyard.",
    );
    line("# See what it means with \"boatyard plan\", run it with \"boatyard up\".");
    line("");
    line("[project]");
    line(&format!("name = {}", quoted(&sketch.name)));
    let image = image(sketch);
    if !image.is_empty() {
        line("");
        line("[image]");
        line(image.trim_end());
    }
    let roles: Vec<String> = sketch.roles.iter().map(|role| role.name.clone()).collect();
    let runs = !(roles.is_empty() && sketch.jobs.is_empty());
    if runs {
        line("");
        line("[service.app]");
        if !sketch.copy.is_empty() {
            line(&format!("copy = {}", list(&sketch.copy)));
        }
        if !roles.is_empty() {
            line(&format!("roles = {}", list(&roles)));
        }
    }
    for role in &sketch.roles {
        line("");
        line(&format!("[role.{}]", role.name));
        line(&format!("command = {}", quoted(&role.command)));
        if let Some(port) = role.port {
            line(&format!("port = {port}"));
        }
        match (&role.ready, role.port) {
            (Some(ready), _) => line(&format!("ready = {}", quoted(ready))),
            (None, Some(_)) => {
                line(
                    "# ready = \"http:///healthz\"   # a path that answers when the application works; until then: the port",
                );
            }
            (None, None) => {}
        }
        let signal = role.stop.as_ref();
        let signal = signal.map(|signal| format!("signal = {}", quoted(signal)));
        let grace = role.grace_secs.map(|secs| format!("grace = \"{secs}s\""));
        let stop: Vec<String> = signal.into_iter().chain(grace).collect();
        if !stop.is_empty() {
            line(&format!("stop = {{ {} }}", stop.join(", ")));
        }
        if !role.env.is_empty() {
            line(&format!("env = {}", table(&role.env)));
        }
        if !role.after.is_empty() {
            line(&format!("after = {}", list(&role.after)));
        }
    }
    if sketch.roles.is_empty() {
        line("");
        line("# No process was found. For example:");
        line("# [role.web]");
        line("# command = 'gunicorn -b \"0.0.0.0:${PORT:-8000}\" app:app'");
        line("# port = 8000");
    }
    for job in &sketch.jobs {
        line("");
        line(&format!("[job.{}]", job.name));
        line(&format!("command = {}", quoted(&job.command)));
        match job.when {
            When::Manual | When::BeforeRemoval => {}
            When::BeforeDeploy => line("when = \"before-deploy\""),
            When::AfterDeploy => line("when = \"after-deploy\""),
        }
    }
    for (name, kind) in &sketch.backings {
        line("");
        line(&format!("[backing.{name}]"));
        if name != kind.name() {
            line(&format!("kind = {}", quoted(kind.name())));
        }
    }
    not_carried_over(&mut text, sketch);
    text
}

/// What a person has to look at stays with the file until he has.
fn not_carried_over(text: &mut String, sketch: &Sketch) {
    if sketch.left.is_empty() {
        return;
    }
    text.push_str("\n# Not carried over:\n");
    for left in &sketch.left {
        let place = left.place();
        for (mark, words) in [
            ("-", format!("{place}: {}", left.what)),
            (" ", left.help.clone()),
        ] {
            let words: String = words
                .chars()
                .map(|c| if c.is_control() { ' ' } else { c })
                .collect();
            let words: Vec<&str> = words.split_whitespace().collect();
            let _ = writeln!(text, "# {mark} {}", words.join(" "));
        }
    }
}

fn image(sketch: &Sketch) -> String {
    let mut text = String::new();
    let mut line = |key: &str, value: &str| {
        writeln!(text, "{key} = {value}").expect("a string takes everything");
    };
    if let Some(base) = &sketch.base {
        line("base", base);
    }
    if let Some(python) = &sketch.python {
        line("python", &quoted(python));
    }
    let plain = sketch.packages.iter().map(|name| quoted(name));
    let pairs = sketch
        .pairs
        .iter()
        .map(|(run, build)| format!("{{ {} = {} }}", key(run), quoted(build)));
    let packages: Vec<String> = plain.chain(pairs).collect();
    if !packages.is_empty() {
        line("packages", &format!("[{}]", packages.join(", ")));
    }
    let build: Vec<String> = sketch
        .build_packages
        .iter()
        .map(|name| quoted(name))
        .collect();
    if !build.is_empty() {
        line("build-packages", &format!("[{}]", build.join(", ")));
    }
    if let Some((key, file)) = &sketch.requirements {
        line(key, &quoted(file));
    }
    if let Some((uid, gid)) = sketch.user {
        let user = format!("{{ name = \"appuser\", uid = {uid}, gid = {gid} }}");
        line("user", &user);
    }
    if !sketch.env.is_empty() {
        line("env", &table(&sketch.env));
    }
    if let Some(workdir) = &sketch.workdir {
        line("workdir", &quoted(workdir));
    }
    text
}

/// An array of strings.
fn list(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    format!("[{}]", words.join(", "))
}

/// A table of strings on one line.
pub(super) fn table(pairs: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{} = {}", key(name), quoted(value)))
        .collect();
    format!("{{ {} }}", pairs.join(", "))
}

/// A key, in quotes where it needs them.
pub(super) fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(is_bare) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// A string of TOML: as it is in single quotes where that is easier to read, else in double quotes.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = text.chars().all(|c| !c.is_control());
    if is_plain && !text.contains('\'') && text.contains(['"', '\\']) {
        return format!("'{text}'");
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            // No command and no variable means them.
            c if c.is_control() => {}
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings() {
        for (text, expected) in [
            ("a", "\"a\""),
            ("a \"b\"", "'a \"b\"'"),
            ("a \"b\" 'c'", "\"a \\\"b\\\" 'c'\""),
            ("a\nb\u{1}", "\"a\\nb\""),
            ("", "\"\""),
        ] {
            assert_eq!(quoted(text), expected);
        }
        assert_eq!(key("A_b"), "A_b");
        assert_eq!(key("libx+y"), "\"libx+y\"");
    }
}
