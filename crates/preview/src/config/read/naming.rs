//! `[cluster.images]`, and `images` of a repository.

use boatyard_plan::document::{Findings, Section, suggestion};
use boatyard_plan::reference::Reference;

use crate::config::naming::{WORDS, filled};
use crate::config::{Making, Naming};
use crate::revision::{Place, Repository, Revision, Subject};

const KEYS: [&str; 3] = ["name", "strangers", "backings"];
/// The word of a repository whose images this server builds though those of others are made elsewhere.
const BUILD: &str = "build";
const HELP: &str = "for example \"registry.example.org/shop/{service}:{commit}\"";

/// `[cluster.images]`; none: this server builds images.
pub(super) fn of_server(cluster: &Section<'_>, findings: &mut Findings) -> Option<Naming> {
    let table = cluster.section("images", findings)?;
    let naming = read(&table, findings);
    whole(&naming, &table, findings);
    Some(naming)
}

/// `images = "TEMPLATE"` or `"build"` of a repository, or the table of that name.
pub(super) fn of_repository(
    table: &Section<'_>,
    cluster: Option<&Section<'_>>,
    findings: &mut Findings,
) -> Option<Making> {
    let value = table.value("images")?;
    let Some(cluster) = cluster else {
        findings
            .value(
                &table.path("images"),
                "images that are named are for a cluster",
            )
            .with_label("the file has no table [cluster]");
        return None;
    };
    if value.as_str() == Some(BUILD) {
        if !cluster.has("registry") {
            findings
                .value(
                    &table.path("images"),
                    "it is not said where images are pushed to",
                )
                .with_label("built here, and pulled by the cluster")
                .with_help("registry = ... in [cluster]");
        }
        return Some(Making::Build);
    }
    let all = of_server(cluster, &mut Findings::default()).unwrap_or_default();
    if value.as_str().is_none() {
        let table = table.section("images", findings)?;
        let own = read(&table, findings);
        whole(&own.clone().or(&all), &table, findings);
        return Some(Making::Named(own));
    }
    let own = Naming {
        name: template(table, "images", true, findings),
        ..Naming::default()
    };
    apart(&own.clone().or(&all), &table.path("images"), findings);
    Some(Making::Named(own))
}

fn read(table: &Section<'_>, findings: &mut Findings) -> Naming {
    table.only(&KEYS, findings);
    Naming {
        name: template(table, "name", true, findings),
        strangers: template(table, "strangers", true, findings),
        backings: template(table, "backings", false, findings),
    }
}

/// What is said there, with what is said for all.
fn whole(naming: &Naming, table: &Section<'_>, findings: &mut Findings) {
    if naming.name.is_none() && !table.has("name") {
        findings
            .key(&table.path, "it is not said how images are called")
            .with_label("name is missing")
            .with_help(format!("name = ..., {HELP}"));
    }
    let key = if table.has("strangers") {
        "strangers"
    } else {
        "name"
    };
    apart(naming, &table.path(key), findings);
}

/// What strangers' pipelines push is never taken for what others push.
fn apart(naming: &Naming, at: &str, findings: &mut Findings) {
    let place = |text: &String| {
        let name: Option<Reference> = filled(text, &example(), "app").parse().ok();
        name.map(|name| (name.registry, name.repository))
    };
    let own = naming.name.as_ref().and_then(place);
    if own.is_some() && own == naming.strangers.as_ref().and_then(place) {
        findings
            .value(at, "images of strangers are where all others are")
            .with_label("who may push there may push what is trusted")
            .with_help("a place of their own, into which other pipelines push: \"registry.example.org/forks/{service}:{commit}\"");
    }
}

/// A name with words in braces; `is_of_commit`: that of the commit has to be among them.
fn template(
    table: &Section<'_>,
    key: &str,
    is_of_commit: bool,
    findings: &mut Findings,
) -> Option<String> {
    let text = table.string(key, findings)?;
    if let Some((message, label, help)) = wrong(&text, is_of_commit) {
        findings
            .value(&table.path(key), message)
            .with_label(label)
            .with_suggestion(help);
    }
    Some(text)
}

type Wrong = (String, String, Option<String>);

fn wrong(text: &str, is_of_commit: bool) -> Option<Wrong> {
    let help = Some(HELP.to_owned());
    let words = text.split('{').skip(1);
    let words = words.map(|rest| rest.split_once('}').map_or(rest, |(word, _)| word));
    if let Some(word) = words.into_iter().find(|word| !WORDS.contains(word)) {
        return Some((
            format!("\"{{{word}}}\" stands for nothing"),
            "there is {service}, {commit}, {branch} and {repository}".to_owned(),
            suggestion("words", word, WORDS),
        ));
    }
    if is_of_commit && !text.contains("{commit}") {
        // A tag that moves would show what was made of an earlier commit.
        return Some((
            format!("\"{text}\" is the same for every commit"),
            "{commit} is missing".to_owned(),
            help,
        ));
    }
    let path = text.rsplit_once('/').map_or(0, |(path, _)| path.len());
    let tag = text[path..].find(':').map_or(text.len(), |at| path + at);
    if text[..tag].contains("{branch}") {
        return Some((
            format!("\"{text}\" is in another place for every branch"),
            "{branch} belongs into the tag".to_owned(),
            help,
        ));
    }
    let name = filled(text, &example(), "app").parse::<Reference>();
    if !name.is_ok_and(|name| name.registry.is_some() && name.digest.is_none()) {
        return Some((
            format!("\"{text}\" is not the name of an image in a registry"),
            "a host, a path and a tag".to_owned(),
            help,
        ));
    }
    None
}

fn example() -> Revision {
    Revision {
        place: Place {
            repository: Repository {
                forge: "example.org".to_owned(),
                name: "acme/shop".to_owned(),
            },
            subject: Subject::Branch("main".to_owned()),
        },
        commit: "0".repeat(40),
    }
}
