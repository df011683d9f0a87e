//! `[forge.NAME]`

use std::collections::BTreeMap;
use std::time::Duration;

use boatyard_plan::document::{Findings, Section};

use super::{server, source, times};
use crate::config::{Address, Forge, Kind, Reports};

const KEYS: &[&str] = &[
    "kind",
    "url",
    "api",
    "token",
    "secret",
    "old-secret",
    "hooks",
    "unsigned",
    "plain-http",
    "authority",
    "poll",
    "reports",
    "deployments",
];
/// How often a forge is asked that sends hooks: those that get lost are made good for then.
const POLL: Duration = Duration::from_secs(5 * 60);
/// How often one is asked that sends none.
const POLL_OFTEN: Duration = Duration::from_secs(30);

/// All forges.
pub(super) fn read(top: &Section<'_>, findings: &mut Findings) -> BTreeMap<String, Forge> {
    let mut forges: BTreeMap<String, Forge> = BTreeMap::new();
    let sections = top.named("forge", findings);
    if !top.has("forge") {
        findings
            .key("forge", "the file names no forge")
            .with_label("where are the repositories?")
            .with_help("for example [forge.github] and kind = \"github\"");
    }
    for (name, table) in sections {
        // Its name is a part of the path at which its hooks arrive.
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if name.is_empty() || !name.bytes().all(fits) {
            findings
                .key(&table.path, format!("a forge cannot be called \"{name}\""))
                .with_label("letters, digits, - and _ only")
                .with_help("the name is a part of the address of its hooks");
        }
        let Some(forge) = one(name, &table, findings) else {
            continue;
        };
        let twin = forges
            .iter()
            .find(|(_, other)| other.name() == forge.name());
        if let Some((twin, _)) = twin {
            findings
                .key(
                    &table.path,
                    format!("{name} and {twin} are the same forge: {}", forge.name()),
                )
                .with_label("its repositories could not be told apart");
        }
        forges.insert(name.to_owned(), forge);
    }
    forges
}

fn one(name: &str, table: &Section<'_>, findings: &mut Findings) -> Option<Forge> {
    table.only(KEYS, findings);
    let kind = kind(name, table, findings)?;
    let url = url(kind, table, findings)?;
    let token = source::read(table, "token", findings);
    let plain_http = table.boolean("plain-http", findings).unwrap_or(false);
    if token.is_some() && !url.is_private() && !plain_http {
        findings
            .value(
                &table.path("url"),
                format!("the token would be sent to {} in the clear", url.host),
            )
            .with_label("not encrypted")
            .with_help("use https://, or write plain-http = true if nobody can listen there");
    }
    let secret = source::read(table, "secret", findings);
    let hooks = hooks(kind, table, findings);
    let is_unsigned = table.boolean("unsigned", findings).unwrap_or(false);
    if hooks && !table.has("secret") && !is_unsigned {
        findings
            .key(&table.path, format!("{name} has no secret"))
            .with_label("anybody could send its hooks")
            .with_help("add secret = { env = \"NAME\" }; or hooks = false, if it sends none");
    }
    if is_unsigned && table.has("secret") {
        findings
            .value(&table.path("unsigned"), "hooks are signed and unsigned")
            .with_label("there is a secret")
            .with_help("remove one of the two");
    }
    let old = source::read(table, "old-secret", findings);
    let poll = times::duration(table, "poll", findings);
    if poll.is_some_and(|poll| poll < Duration::from_secs(5)) {
        findings
            .value(&table.path("poll"), "poll is shorter than 5 seconds")
            .with_label("a forge would call that an attack");
    }
    Some(Forge {
        kind,
        api: api(kind, &url, table, findings),
        url,
        token,
        secrets: secret.into_iter().chain(old).collect(),
        hooks,
        is_unsigned,
        authority: table.string("authority", findings),
        poll: poll.unwrap_or(if hooks { POLL } else { POLL_OFTEN }),
        reports: reports(kind, table, findings),
    })
}

fn reports(kind: Kind, table: &Section<'_>, findings: &mut Findings) -> Reports {
    let is_told = table.boolean("reports", findings).unwrap_or(true);
    let said = table.boolean("deployments", findings);
    if said == Some(true) && !kind.has_deployments() {
        findings
            .value(
                &table.path("deployments"),
                format!("{} has no deployments", kind.word()),
            )
            .with_label("only github and gitlab have");
    }
    match said.unwrap_or(true) && kind.has_deployments() {
        _ if !is_told => Reports::Nothing,
        true => Reports::Deployments,
        false => Reports::Statuses,
    }
}

fn kind(name: &str, table: &Section<'_>, findings: &mut Findings) -> Option<Kind> {
    if !table.has("kind") {
        findings
            .key(&table.path, format!("{name} has no kind"))
            .with_label("what does it speak?")
            .with_help("add kind = \"github\", \"gitlab\", \"gitea\", \"git\" or \"generic\"");
    }
    if table.value("kind")?.as_str() == Some("forgejo") {
        // It speaks the same.
        return Some(Kind::Gitea);
    }
    table.choice("kind", "kind of forge", &Kind::ALL, findings)
}

fn url(kind: Kind, table: &Section<'_>, findings: &mut Findings) -> Option<Address> {
    let default = match kind {
        Kind::GitHub => Some("https://github.com"),
        Kind::GitLab => Some("https://gitlab.com"),
        Kind::Gitea | Kind::Git | Kind::Generic => None,
    };
    if default.is_none() && !table.has("url") {
        findings
            .key(&table.path, "url is missing")
            .with_label("where is it?")
            .with_help(match kind {
                Kind::Gitea => "for example url = \"https://git.example.org\"",
                _ => {
                    "for example url = \"file:///srv/git\", \"ssh://git@host\" or \"https://host\""
                }
            });
    }
    let text = match default {
        Some(default) if !table.has("url") => default.to_owned(),
        _ => table.string("url", findings)?,
    };
    let path = table.path("url");
    if kind.has_api() {
        let text = server::web_address("url", &text, &path, findings);
        return Address::parse(&text).ok();
    }
    let address = Address::parse(&text);
    if let Err(reason) = &address {
        findings
            .value(
                &path,
                format!("url is not the address of a Git server: {reason}"),
            )
            .with_label("what all its repositories begin with")
            .with_help("for example \"file:///srv/git\", \"ssh://git@host\" or \"https://host\"");
    }
    address.ok()
}

fn api(kind: Kind, url: &Address, table: &Section<'_>, findings: &mut Findings) -> String {
    if let Some(text) = table.string("api", findings) {
        if !kind.has_api() {
            findings
                .value(&table.path("api"), format!("{} has no API", kind.word()))
                .with_label("it is asked with Git");
        }
        return server::web_address("api", &text, &table.path("api"), findings);
    }
    match kind {
        Kind::GitHub if url.name() == "github.com" => "https://api.github.com".to_owned(),
        Kind::GitHub => url.with("/api/v3"),
        Kind::GitLab => url.with("/api/v4"),
        Kind::Gitea => url.with("/api/v1"),
        Kind::Git | Kind::Generic => String::new(),
    }
}

fn hooks(kind: Kind, table: &Section<'_>, findings: &mut Findings) -> bool {
    let said = table.boolean("hooks", findings);
    if kind.has_hooks() {
        return said.unwrap_or(true);
    }
    for key in ["hooks", "secret", "old-secret", "unsigned"] {
        if table.has(key) && !(key == "hooks" && said == Some(false)) {
            findings
                .key(&table.path(key), "a plain Git remote sends no hooks")
                .with_label("there is nothing to sign")
                .with_help("if something sends news of it, the kind is \"generic\"");
        }
    }
    false
}
