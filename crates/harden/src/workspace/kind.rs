//! What a file is, by its name and its first words.

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A Dockerfile.
    Dockerfile,
    /// A shell script.
    Script,
    /// A Compose file.
    Compose,
    /// Kubernetes objects.
    Manifest,
    /// A boatyard.toml.
    Project,
    /// A template of Helm or another engine.
    Template,
    /// Something else.
    Other,
}

/// Whether a file of this name may be something that is checked, so that it has to be read; those without such a name are
/// read if they can be executed.
pub fn is_interesting(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    is_dockerfile(name)
        || name == "boatyard.toml"
        || ["sh", "bash", "yml", "yaml"].contains(&extension(name))
        || (!name.contains('.') && name.to_ascii_lowercase().contains("entrypoint"))
}

/// What the file at `path` is that says `text`. One that somebody `named` is a Compose file by what it says.
pub fn kind(path: &str, text: &str, named: bool) -> Kind {
    let name = path.rsplit('/').next().unwrap_or(path);
    if name == "boatyard.toml" {
        return Kind::Project;
    }
    if is_dockerfile(name) {
        return if is_template_of_dockerfile(text) {
            Kind::Template
        } else {
            Kind::Dockerfile
        };
    }
    match extension(name) {
        "yml" | "yaml" => yaml(path, name, text, named),
        extension
            if is_shell(text)
                || (["sh", "bash"].contains(&extension) && !text.starts_with("#!")) =>
        {
            Kind::Script
        }
        _ => Kind::Other,
    }
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

fn is_dockerfile(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let rest = ["dockerfile", "containerfile"].iter().find_map(|word| {
        lower.strip_prefix(word).or_else(|| {
            lower
                .strip_suffix(word)
                .filter(|rest| rest.ends_with(['.', '-', '_']))
        })
    });
    let Some(rest) = rest else { return false };
    let other = [
        ".dockerignore",
        ".md",
        ".j2",
        ".jinja",
        ".jinja2",
        ".tmpl",
        ".template",
        ".tpl",
        ".erb",
        ".py",
        ".rs",
        ".go",
        ".txt",
        ".sh",
        ".yml",
        ".yaml",
        ".json",
    ];
    (rest.is_empty() || rest.starts_with(['.', '-', '_']) || rest.ends_with(['.', '-', '_']))
        && !other.iter().any(|end| rest.ends_with(end))
}

fn is_shell(text: &str) -> bool {
    let Some(line) = text.strip_prefix("#!").and_then(|rest| rest.lines().next()) else {
        return false;
    };
    let mut words = line.split(['/', ' ', '\t']).filter(|word| !word.is_empty());
    words.any(|word| matches!(word.trim_end(), "sh" | "bash" | "dash" | "ash" | "ksh"))
}

fn yaml(path: &str, name: &str, text: &str, asked: bool) -> Kind {
    let has = |key: &str| {
        text.lines().any(|line| {
            line.strip_prefix(key)
                .is_some_and(|rest| rest.starts_with(':'))
        })
    };
    let template = text.contains("{{") && text.contains("}}");
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let named = ["compose", "docker-compose"].iter().any(|word| {
        stem.strip_prefix(word)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
    });
    if has("apiVersion") && has("kind") {
        let in_chart = path.split('/').any(|folder| folder == "templates");
        return if template && (in_chart || is_templated(text)) {
            Kind::Template
        } else {
            Kind::Manifest
        };
    }
    let says_so = has("services") && !has("apiVersion") && !has("jobs");
    if named || (says_so && (asked || stem.contains("compose"))) {
        return if template && is_templated(text) {
            Kind::Template
        } else {
            Kind::Compose
        };
    }
    Kind::Other
}

/// Whether braces stand where an instruction would, or name a base.
fn is_template_of_dockerfile(text: &str) -> bool {
    text.contains("{{")
        && text.contains("}}")
        && text.lines().any(|line| line.starts_with("FROM {{"))
        || text.contains("%}") && text.lines().any(|line| line.starts_with("{%"))
}

/// Whether braces stand where a template engine reads them: at the beginning of a line, or as a value that is not quoted.
fn is_templated(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start();
        line.starts_with("{{")
            || line.starts_with("{%")
            || line.contains(": {{")
            || line.contains("- {{")
    })
}

#[cfg(test)]
mod tests {
    use super::{Kind, kind};

    #[test]
    fn what_files_are() {
        let object = "apiVersion: v1\nkind: Service\n";
        for (path, text, expected) in [
            ("Dockerfile", "", Kind::Dockerfile),
            ("a/web.Dockerfile", "", Kind::Dockerfile),
            ("a/Dockerfile.k8s", "", Kind::Dockerfile),
            ("Containerfile", "", Kind::Dockerfile),
            ("Dockerfile.dockerignore", "", Kind::Other),
            ("dockerfile.rs", "", Kind::Other),
            ("Dockerfile.j2", "", Kind::Other),
            (
                "Dockerfile",
                "FROM a\n{% if x %}\nRUN y\n{% endif %}\n",
                Kind::Template,
            ),
            ("Dockerfile", "FROM {{ base }}\n", Kind::Template),
            (
                "Dockerfile",
                "FROM a\nRUN x -f '{{.Id}}'\n",
                Kind::Dockerfile,
            ),
            ("start", "#!/usr/bin/env bash\n", Kind::Script),
            ("start", "#!/usr/bin/env python\n", Kind::Other),
            ("start.sh", "echo\n", Kind::Script),
            ("start.sh", "#!/usr/bin/fish\n", Kind::Other),
            ("compose.yaml", "services:\n", Kind::Compose),
            ("docker-compose.prod.yml", "services:\n", Kind::Compose),
            ("k/web.yaml", object, Kind::Manifest),
            ("values.yaml", "a: 1\n", Kind::Other),
            (
                "c/templates/web.yaml",
                "apiVersion: v1\nkind: Service\nname: {{ .x }}\n",
                Kind::Template,
            ),
            (
                "k/rule.yaml",
                "apiVersion: v1\nkind: Rule\ntext: \"{{ $x }}\"\n",
                Kind::Manifest,
            ),
            ("boatyard.toml", "", Kind::Project),
        ] {
            assert_eq!(kind(path, text, false), expected, "{path}");
        }
        for (text, expected) in [
            ("services:\n  web:\n    image: a\n", Kind::Compose),
            ("# a\nname: x\nservices:\n", Kind::Compose),
            ("apiVersion: v1\nservices:\n", Kind::Other),
            ("jobs:\nservices:\n", Kind::Other),
            ("a:\n  services:\n", Kind::Other),
            (object, Kind::Manifest),
        ] {
            assert_eq!(kind("c.yaml", text, true), expected, "{text}");
            assert_ne!(kind("c.yaml", text, false), Kind::Compose, "{text}");
        }
    }
}
