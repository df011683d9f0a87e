//! `environment`: a list or a mapping.

use std::collections::BTreeMap;

use boatyard_plan::detect::{GIVEN_LATER, is_variable};
use boatyard_plan::project::BackingKind;
use boatyard_plan::secret::{has_password, is_secret};

use super::backing::Backing;
use super::interpolate::fill;
use super::reader::{Reader, pairs};
use crate::yaml::Node;

/// Names and values as they are written; a value may be missing.
pub(super) fn variables(environment: &Node) -> Vec<(String, Option<String>)> {
    placed(environment)
        .into_iter()
        .map(|(name, value, _)| (name, value))
        .collect()
}

fn placed(environment: &Node) -> Vec<(String, Option<String>, Node)> {
    if environment.is_list() {
        let items = environment.items().into_iter();
        return items
            .filter_map(|item| {
                let text = item.text()?;
                let (name, value) = match text.split_once('=') {
                    Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                    None => (text.to_owned(), None),
                };
                Some((name, value, item))
            })
            .collect();
    }
    pairs(environment)
        .into_iter()
        .filter_map(|(key, value)| {
            let text = value.text().filter(|_| !value.is_null());
            Some((key.text()?.to_owned(), text.map(str::to_owned), key))
        })
        .collect()
}

/// The variables of the service `name` that can be carried over. What names a backing service names ours.
pub(super) fn read(
    reader: &mut Reader<'_>,
    name: &str,
    service: &Node,
    backings: &[Backing],
    project: &str,
) -> BTreeMap<String, String> {
    let mut env = BTreeMap::new();
    let Some(environment) = service.get("environment") else {
        return env;
    };
    for (variable, value, place) in placed(&environment) {
        let filled = value.as_deref().map(fill);
        let ours = filled
            .as_ref()
            .and_then(|filled| ours(&variable, &filled.text, backings, project));
        if let Some(value) = ours {
            reader.found(format!("variable {variable} of {name}: {value}"));
            env.insert(variable, value);
            continue;
        }
        match filled {
            None => reader.left(
                &place,
                format!("{variable} of {name} comes from outside"),
                GIVEN_LATER,
            ),
            Some(filled) if !filled.unset.is_empty() => reader.left(
                &place,
                format!(
                    "{variable} of {name}: ${{{}}} has no value here",
                    filled.unset[0]
                ),
                GIVEN_LATER,
            ),
            Some(filled) if is_secret(&variable, &filled.text) => {
                reader.left(
                    &place,
                    format!("{variable} of {name} looks like a secret"),
                    GIVEN_LATER,
                );
            }
            Some(_) if !is_variable(&variable) => reader.left(
                &place,
                format!("{variable} of {name}"),
                "no variable can have this name",
            ),
            Some(filled) => {
                env.insert(variable, filled.text.replace(char::is_control, " "));
            }
        }
    }
    env
}

/// The value for ours, if `value` names the user or the database of a `PostgreSQL`, or the address of a backing service.
fn ours(variable: &str, value: &str, backings: &[Backing], project: &str) -> Option<String> {
    for backing in backings {
        if let Some(url) = address(value, backing, project) {
            return Some(url);
        }
        if backing.kind != BackingKind::Postgres {
            continue;
        }
        let says = |words: &[&str]| words.iter().any(|word| variable.ends_with(word));
        let is_it = |own: &Option<String>| own.as_deref() == Some(value) && !value.is_empty();
        if says(&["USER", "USERNAME"]) && is_it(&backing.user) {
            return Some("app".to_owned());
        }
        if says(&["DB", "DATABASE", "DB_NAME", "DBNAME"]) && is_it(&backing.database) {
            return Some(project.to_owned());
        }
    }
    let renamed = backings
        .iter()
        .find(|one| one.host == value && one.host != one.name);
    renamed.map(|one| one.name.clone())
}

/// `postgresql+driver://user:password@db:5432/shop?x=y` with our user and database, `rediss://:password@cache/1` without a
/// password and without TLS, which ours have not.
fn address(value: &str, backing: &Backing, project: &str) -> Option<String> {
    let (scheme, rest) = value.split_once("://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit('@').next()?.split(':').next()?;
    if host != backing.host {
        return None;
    }
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let open: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !has_password(&format!("{scheme}://?{pair}")))
        .collect();
    let query = if open.is_empty() {
        String::new()
    } else {
        format!("?{}", open.join("&"))
    };
    let (name, port) = (&backing.name, backing.kind.port());
    let starts = |words: &[&str]| words.iter().any(|word| scheme.starts_with(word));
    match backing.kind {
        BackingKind::Postgres if starts(&["postgres", "postgis"]) => {
            Some(format!("{scheme}://app@{name}:{port}/{project}{query}"))
        }
        BackingKind::Redis if starts(&["redis", "valkey"]) => {
            let plain = match scheme {
                "rediss" => "redis",
                "valkeys" => "valkey",
                other => other,
            };
            Some(format!("{plain}://{name}:{port}{path}{query}"))
        }
        _ => None,
    }
}
