//! `[access.login.NAME]` and `[[access.role]]`

use std::collections::{BTreeMap, BTreeSet};

use boatyard_plan::document::{Findings, Section, suggestion};

use super::source;
use crate::config::{Address, Login, Permission, Role, Scope, Via, Whom};
use crate::glob::Glob;

const KEYS: &[&str] = &[
    "issuer",
    "forge",
    "client",
    "secret",
    "authority",
    "groups",
    "names",
    "scopes",
];

/// Where people log in.
pub(super) fn logins(
    top: &Section<'_>,
    access: &Section<'_>,
    findings: &mut Findings,
) -> BTreeMap<String, Login> {
    let mut logins = BTreeMap::new();
    for (name, table) in access.named("login", findings) {
        // Its name is a part of an address, and of what people are called here.
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if name.is_empty() || !name.bytes().all(fits) {
            findings
                .key(&table.path, format!("a login cannot be called \"{name}\""))
                .with_label("letters, digits, - and _ only");
        }
        table.only(KEYS, findings);
        if !table.has("client") {
            findings
                .key(&table.path, "the login has no client")
                .with_label("what is this server called there?")
                .with_help("register it there, and add client = \"...\"");
        }
        if let Some(via) = via(top, &table, findings) {
            let login = Login {
                via,
                client: table.string("client", findings).unwrap_or_default(),
                secret: source::read(&table, "secret", findings),
            };
            logins.insert(name.to_owned(), login);
        }
    }
    logins
}

fn via(top: &Section<'_>, table: &Section<'_>, findings: &mut Findings) -> Option<Via> {
    match (table.has("issuer"), table.has("forge")) {
        (true, false) => {}
        (false, true) => return forge(top, table, findings),
        _ => {
            findings
                .key(&table.path, "a login is at an issuer or at a forge")
                .with_label("expected one of issuer and forge")
                .with_help("for example issuer = \"https://login.example.org\"");
            return None;
        }
    }
    let issuer = table.string("issuer", findings)?;
    let read = Address::parse(&issuer);
    let wrong = match &read {
        Err(wrong) => Some(*wrong),
        Ok(address) if !matches!(address.scheme.as_str(), "https" | "http") => {
            Some("it is no https:// address")
        }
        // Whoever can change what it says is whoever he likes.
        Ok(address) if address.scheme == "http" && !address.is_loopback() => {
            Some("what it says could be changed on the way: use https://")
        }
        Ok(_) => None,
    };
    if let Some(wrong) = wrong {
        findings
            .value(&table.path("issuer"), format!("\"{issuer}\" is no issuer"))
            .with_label(wrong);
    }
    let names = table.string("names", findings);
    let scopes = if table.has("scopes") {
        let scopes = table.strings("scopes", findings);
        scopes.into_iter().map(|(_, scope)| scope).collect()
    } else {
        let mail = names.as_deref() == Some("email");
        let mail = mail.then(|| "email".to_owned());
        ["profile".to_owned()].into_iter().chain(mail).collect()
    };
    Some(Via::Oidc {
        // As it is written: what the provider calls itself is compared letter by letter.
        issuer,
        authority: table.string("authority", findings),
        groups: table
            .string("groups", findings)
            .unwrap_or_else(|| "groups".to_owned()),
        names,
        scopes,
    })
}

fn forge(top: &Section<'_>, table: &Section<'_>, findings: &mut Findings) -> Option<Via> {
    for key in ["authority", "groups", "names", "scopes"] {
        if table.has(key) {
            findings
                .key(&table.path(key), format!("{key} is of an issuer"))
                .with_label("forges need none");
        }
    }
    if !table.has("secret") {
        findings
            .key(&table.path, "the login has no secret")
            .with_label("forges ask for one")
            .with_help("add secret = { env = \"NAME\" }");
    }
    let name = table.string("forge", findings)?;
    let known = top.section("forge", &mut Findings::default());
    let known = known.map_or(Vec::new(), |known| known.entries());
    let kind = top
        .section("forge", &mut Findings::default())
        .and_then(|forges| forges.section(&name, &mut Findings::default()))
        .and_then(|forge| forge.string("kind", &mut Findings::default()));
    if !known.iter().any(|(known, _)| *known == name) {
        let names = known.iter().map(|(name, _)| *name);
        findings
            .value(&table.path("forge"), format!("unknown forge \"{name}\""))
            .with_label("there is no such [forge.NAME]")
            .with_suggestion(suggestion("forges", &name, names));
    } else if matches!(kind.as_deref(), Some("git" | "generic")) {
        findings
            .value(&table.path("forge"), format!("{name} knows nobody"))
            .with_label("a plain Git remote");
    }
    Some(Via::Forge(name))
}

/// What those may who have logged in.
pub(super) fn roles(
    access: &Section<'_>,
    logins: &BTreeMap<String, Login>,
    scopes: impl Fn(&Section<'_>, &mut Findings) -> BTreeSet<Scope>,
    findings: &mut Findings,
) -> Vec<Role> {
    let mut roles = Vec::new();
    for table in access.tables("role", findings) {
        table.only(
            &[
                "login",
                "subject",
                "user",
                "group",
                "permission",
                "scopes",
                "repositories",
            ],
            findings,
        );
        if !table.has("scopes") {
            findings
                .key(&table.path, "the role has no scopes")
                .with_label("what may they do?")
                .with_help("add scopes = [\"operate\"]");
        }
        let login = table.string("login", findings);
        if let Some(name) = login.as_ref().filter(|name| !logins.contains_key(*name)) {
            findings
                .value(&table.path("login"), format!("unknown login \"{name}\""))
                .with_label("there is no such [access.login.NAME]")
                .with_suggestion(suggestion(
                    "logins",
                    name,
                    logins.keys().map(String::as_str),
                ));
        }
        bound(&table, login.as_deref(), logins, findings);
        let repositories = table.has("repositories").then(|| {
            let globs = table.string_or_strings("repositories", findings);
            globs.into_iter().map(|(_, glob)| Glob::new(glob)).collect()
        });
        roles.push(Role {
            login,
            whom: whom(&table, findings),
            scopes: scopes(&table, findings),
            repositories,
        });
    }
    roles
}

/// A name is one where it was given: somebody else may have it elsewhere, or give it to himself.
fn bound(
    table: &Section<'_>,
    login: Option<&str>,
    logins: &BTreeMap<String, Login>,
    findings: &mut Findings,
) {
    let named = ["subject", "user", "group"];
    let Some(key) = named.into_iter().find(|key| table.has(key)) else {
        return;
    };
    if login.is_none() && logins.len() > 1 {
        findings
            .key(
                &table.path(key),
                format!("the role does not say whose {key} it is"),
            )
            .with_label("elsewhere somebody else may be called so")
            .with_help("add login = \"NAME\"");
        return;
    }
    let here = logins
        .iter()
        .filter(|(name, _)| login.is_none_or(|login| login == *name));
    let chosen = here
        .into_iter()
        .find(|(_, login)| matches!(login.via, Via::Oidc { names: None, .. }));
    if let Some((name, _)) = chosen.filter(|_| key == "user") {
        findings
            .key(&table.path(key), format!("at {name} people may choose what they are called"))
            .with_label("so no role is given for it")
            .with_help(format!(
                "write subject = \"...\", what the issuer has in the claim sub, which who logs in is shown; or, if nobody there \
                 chooses his own, say in [access.login.{name}] which claim has it: names = \"preferred_username\""
            ));
    }
}

fn whom(table: &Section<'_>, findings: &mut Findings) -> Whom {
    let subject = table.string("subject", findings);
    let user = table.string("user", findings);
    let group = table.string("group", findings);
    let permission = table.choice("permission", "permission", &Permission::ALL, findings);
    let said = ["subject", "user", "group", "permission"];
    if said.iter().filter(|key| table.has(key)).count() > 1 {
        findings
            .key(&table.path, "the role is of several at once")
            .with_label("expected one of subject, user, group and permission")
            .with_help("write a role for each");
    }
    match (subject, user, group, permission) {
        (Some(subject), ..) => Whom::Subject(subject),
        (_, Some(user), ..) => Whom::User(Glob::new(user)),
        (_, _, Some(group), _) => Whom::Group(Glob::new(group)),
        (.., Some(permission)) => Whom::Permission(permission),
        _ => Whom::All,
    }
}
