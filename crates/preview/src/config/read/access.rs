//! `[access]`

use std::collections::BTreeSet;

use boatyard_plan::document::{Findings, Section, nearest};

use super::login;
use crate::config::{Access, Anonymous, OPERATOR, Scope, Token};
use crate::glob::Glob;

const ANONYMOUS: [(&str, Anonymous); 2] = [("view", Anonymous::View), ("none", Anonymous::None)];

/// Who may do what.
pub(super) fn read(top: &Section<'_>, findings: &mut Findings) -> Access {
    let mut access = Access::default();
    let Some(table) = top.section("access", findings) else {
        return access;
    };
    table.only(&["anonymous", "token", "login", "role"], findings);
    if let Some(anonymous) = table.choice("anonymous", "right", &ANONYMOUS, findings) {
        access.anonymous = anonymous;
    }
    for table in table.tables("token", findings) {
        let token = token(&table, findings);
        if access.tokens.iter().any(|other| other.name == token.name) {
            findings
                .value(
                    &table.path("name"),
                    format!("there are two tokens of \"{}\"", token.name),
                )
                .with_label("who did it could not be told");
        }
        if token.name == OPERATOR {
            findings
                .value(
                    &table.path("name"),
                    format!("nobody else can be called \"{OPERATOR}\""),
                )
                .with_label("whoever runs the server is");
        }
        access.tokens.push(token);
    }
    access.logins = login::logins(top, &table, findings);
    access.roles = login::roles(&table, &access.logins, scopes, findings);
    access
}

fn token(table: &Section<'_>, findings: &mut Findings) -> Token {
    table.only(&["name", "sha256", "scopes", "repositories"], findings);
    for (key, help) in [
        ("name", "name = \"ci\""),
        (
            "sha256",
            "sha256 = \"...\", what \"printf %s TOKEN | sha256sum\" prints",
        ),
        ("scopes", "scopes = [\"read\"]"),
    ] {
        if !table.has(key) {
            findings
                .key(&table.path, format!("the token has no {key}"))
                .with_label(format!("{key} is missing"))
                .with_help(format!("add {help}"));
        }
    }
    let repositories = table.has("repositories").then(|| {
        let globs = table.string_or_strings("repositories", findings);
        globs.into_iter().map(|(_, glob)| Glob::new(glob)).collect()
    });
    Token {
        name: table.string("name", findings).unwrap_or_default(),
        sha256: sha256(table, findings),
        scopes: scopes(table, findings),
        repositories,
    }
}

fn sha256(table: &Section<'_>, findings: &mut Findings) -> String {
    let Some(text) = table.string("sha256", findings) else {
        return String::new();
    };
    let text = text.to_ascii_lowercase();
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        // What was written may be the token.
        findings
            .value(&table.path("sha256"), "sha256 is not a digest")
            .with_label("expected 64 hexadecimal digits")
            .with_help("write what \"printf %s TOKEN | sha256sum\" prints, not the token");
    }
    text
}

fn scopes(table: &Section<'_>, findings: &mut Findings) -> BTreeSet<Scope> {
    let mut scopes = BTreeSet::new();
    let words = || Scope::ALL.iter().map(|(word, _)| *word);
    for (path, text) in table.strings("scopes", findings) {
        match Scope::ALL.iter().find(|(word, _)| *word == text) {
            Some((_, scope)) => {
                scopes.insert(*scope);
            }
            None => {
                findings
                    .value(&path, format!("unknown scope \"{text}\""))
                    .with_label("expected read, use, operate or admin")
                    .with_suggestion(
                        nearest(&text, words()).map(|word| format!("did you mean \"{word}\"?")),
                    );
            }
        }
    }
    scopes
}
