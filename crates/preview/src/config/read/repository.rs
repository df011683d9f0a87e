//! `[[repository]]`

use std::collections::BTreeMap;

use boatyard_plan::document::{Findings, Section, suggestion};

use super::{kubefiles, naming, reach, times};
use crate::config::{Data, Forge, Kind, Watched};
use crate::watch::{Branches, Forks, Watch};

const KEYS: &[&str] = &[
    "forge",
    "name",
    "branches",
    "pull-requests",
    "drafts",
    "forks",
    "share",
    "root",
    "kubefiles",
    "images",
    "starts",
    "data",
    "base",
    "sources",
    "registries",
];
const FORKS: [(&str, Forks); 3] = [
    ("approve", Forks::Approve),
    ("block", Forks::Block),
    ("allow", Forks::Allow),
];

const DATA: [(&str, Data); 2] = [("template", Data::Template), ("fresh", Data::Fresh)];

/// All repositories.
pub(super) fn read(
    top: &Section<'_>,
    forges: &BTreeMap<String, Forge>,
    findings: &mut Findings,
) -> Vec<Watched> {
    if !top.has("repository") {
        findings
            .key("repository", "the file names no repository")
            .with_label("what is watched?")
            .with_help("add [[repository]] and name = \"OWNER/NAME\"");
    }
    let cluster = top.section("cluster", &mut Findings::default());
    let mut all: Vec<Watched> = Vec::new();
    for table in top.tables("repository", findings) {
        table.only(KEYS, findings);
        let forge = forge(top, &table, forges, findings);
        let name = name(&table, findings);
        let kind = forges.get(&forge).map(|forge| forge.kind);
        let one = Watched {
            watch: watch(&table, kind, findings),
            root: root(&table, findings),
            kubefiles: kubefiles::of_repository(&table, top.has("cluster"), findings),
            images: naming::of_repository(&table, cluster.as_ref(), findings),
            data: table
                .choice("data", "beginning of data", &DATA, findings)
                .unwrap_or_default(),
            base: table.string("base", findings),
            reach: reach::read(&table, findings),
            forge,
            name,
        };
        if let Some(reason) = kind.and_then(|kind| misfit(kind, &one.name)) {
            findings
                .value(
                    &table.path("name"),
                    format!("no repository can be called \"{}\"", one.name),
                )
                .with_label(reason);
        }
        let is_twin = |other: &Watched| {
            other.forge == one.forge && other.name.eq_ignore_ascii_case(&one.name)
        };
        if !one.name.is_empty() && all.iter().any(is_twin) {
            findings
                .value(
                    &table.path("name"),
                    format!("{} is watched twice", one.name),
                )
                .with_label("given above already");
        }
        all.push(one);
    }
    all
}

/// The forge; none has to be named where there is one.
fn forge(
    top: &Section<'_>,
    table: &Section<'_>,
    forges: &BTreeMap<String, Forge>,
    findings: &mut Findings,
) -> String {
    let known = top.section("forge", &mut Findings::default());
    let known = known.map_or(Vec::new(), |known| known.entries());
    if !table.has("forge") {
        if let [(only, _)] = known[..] {
            return only.to_owned();
        }
        if !forges.is_empty() {
            findings
                .key(&table.path, "the repository has no forge")
                .with_label("on which one is it?")
                .with_suggestion(suggestion(
                    "forges",
                    "",
                    known.iter().map(|(name, _)| *name),
                ));
        }
        return String::new();
    }
    let Some(name) = table.string("forge", findings) else {
        return String::new();
    };
    if !known.iter().any(|(known, _)| *known == name) {
        findings
            .value(&table.path("forge"), format!("unknown forge \"{name}\""))
            .with_label("there is no such [forge.NAME]")
            .with_suggestion(suggestion(
                "forges",
                &name,
                known.iter().map(|(name, _)| *name),
            ));
    }
    name
}

fn name(table: &Section<'_>, findings: &mut Findings) -> String {
    if !table.has("name") {
        findings
            .key(&table.path, "the repository has no name")
            .with_label("name is missing")
            .with_help("for example name = \"acme/shop\"");
    }
    let Some(text) = table.string("name", findings) else {
        return String::new();
    };
    let is_bad = |part: &str| {
        part.is_empty()
            || part.starts_with(['-', '.']) && part.trim_matches('.').is_empty()
            || part.starts_with('-')
            || part.contains(|c: char| c.is_whitespace() || c.is_control() || "?#%\\:".contains(c))
    };
    if text.split('/').any(is_bad) {
        let help = text.contains("://").then_some(
            "write what follows the host, without .git: \"acme/shop\" for https://github.com/acme/shop.git",
        );
        findings
            .value(
                &table.path("name"),
                format!("\"{text}\" cannot be the name of a repository"),
            )
            .with_label("what follows the address of the forge")
            .with_suggestion(help.map(str::to_owned));
        return String::new();
    }
    text
}

/// Why no repository of such a forge has that name.
fn misfit(kind: Kind, name: &str) -> Option<&'static str> {
    let slashes = name.matches('/').count();
    match kind {
        _ if name.is_empty() => None,
        Kind::GitHub | Kind::Gitea if slashes != 1 => Some("expected OWNER/NAME"),
        Kind::GitLab if slashes == 0 => Some("expected GROUP/NAME"),
        Kind::GitHub | Kind::GitLab | Kind::Gitea if name.to_lowercase().ends_with(".git") => {
            Some("write it without .git")
        }
        _ => None,
    }
}

fn watch(table: &Section<'_>, kind: Option<Kind>, findings: &mut Findings) -> Watch {
    let default = Watch::default();
    let boolean = |key: &str, default: bool, findings: &mut Findings| {
        table.boolean(key, findings).unwrap_or(default)
    };
    let is_plain = kind == Some(Kind::Git);
    let pull_requests = boolean("pull-requests", !is_plain, findings);
    if is_plain && pull_requests {
        findings
            .value(
                &table.path("pull-requests"),
                "a plain Git remote has no pull requests",
            )
            .with_label("it does not say which are open")
            .with_help("if something sends news of them, the kind of the forge is \"generic\"");
    }
    Watch {
        share: times::positive(table, "share", findings).unwrap_or(default.share),
        branches: branches(table, findings),
        pull_requests,
        drafts: boolean("drafts", default.drafts, findings),
        starts: boolean("starts", default.starts, findings),
        forks: table
            .choice("forks", "way to treat forks", &FORKS, findings)
            .unwrap_or_default(),
        awaits: false,
        recipe: String::new(),
    }
}

fn branches(table: &Section<'_>, findings: &mut Findings) -> Branches {
    if !table.has("branches") {
        return Branches::Default;
    }
    let patterns = table.string_or_strings("branches", findings);
    for (path, pattern) in &patterns {
        let bare = pattern.strip_prefix('!').unwrap_or(pattern);
        let message = if bare.is_empty() {
            "an empty pattern fits no branch"
        } else if bare.starts_with("refs/") {
            "a branch is named without refs/heads/"
        } else if bare
            .contains(|c: char| c.is_whitespace() || c.is_control() || "~^:\\[".contains(c))
        {
            "no branch has such a name"
        } else {
            continue;
        };
        findings
            .value(path, message)
            .with_label("a name or a pattern")
            .with_help(
                "for example \"main\", \"release/*\", \"**\" for all, or \"!old\" to leave one out",
            );
    }
    if let Some((path, _)) = patterns.first()
        && patterns.iter().all(|(_, pattern)| pattern.starts_with('!'))
    {
        findings
            .value(path, "branches only leaves out")
            .with_label("nothing is meant")
            .with_help("begin with \"**\" for all others");
    }
    Branches::named(patterns.iter().map(|(_, pattern)| pattern.as_str()))
}

/// The folder of boatyard.toml, plain and relative.
fn root(table: &Section<'_>, findings: &mut Findings) -> String {
    let text = table.string("root", findings).unwrap_or_default();
    let is_bad = text.starts_with('/')
        || text.split('/').any(|part| part == "..")
        || text.contains(char::is_control);
    if is_bad {
        findings
            .value(
                &table.path("root"),
                format!("root is \"{text}\", outside the repository"),
            )
            .with_label("a folder in the repository")
            .with_help("for example \"apps/shop\"");
    }
    let parts: Vec<&str> = text
        .split('/')
        .filter(|part| !matches!(*part, "" | "."))
        .collect();
    if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    }
}
