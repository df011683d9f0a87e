//! `environment`: a list or a mapping.

use std::collections::BTreeMap;

use boatyard_plan::detect::is_variable;
use boatyard_plan::project::BackingKind;

use super::backing::Backing;
use super::interpolate::fill;
use super::reader::{Reader, pairs};
use crate::rule::secret::{is_secret_name, is_secret_value};
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
        let elsewhere = "give it where the application runs: an image does not keep it";
        match filled {
            None => reader.left(
                &place,
                format!("{variable} of {name} comes from outside"),
                elsewhere,
            ),
            Some(filled) if !filled.unset.is_empty() => reader.left(
                &place,
                format!(
                    "{variable} of {name}: ${{{}}} has no value here",
                    filled.unset[0]
                ),
                elsewhere,
            ),
            Some(filled)
                if is_secret_value(&filled.text)
                    || (is_secret_name(&variable) && !filled.text.is_empty()) =>
            {
                reader.left(
                    &place,
                    format!("{variable} of {name} looks like a secret"),
                    elsewhere,
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

/// The value for ours, if `value` names the user, the database or the address of a `PostgreSQL`.
fn ours(variable: &str, value: &str, backings: &[Backing], project: &str) -> Option<String> {
    for backing in backings
        .iter()
        .filter(|one| one.kind == BackingKind::Postgres)
    {
        if let Some(url) = address(value, backing, project) {
            return Some(url);
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

/// `postgresql+driver://user:password@db:5432/shop?x=y` with our user and database.
fn address(value: &str, backing: &Backing, project: &str) -> Option<String> {
    let (scheme, rest) = value.split_once("://")?;
    if !scheme.starts_with("postgres") && !scheme.starts_with("postgis") {
        return None;
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit('@').next()?.split(':').next()?;
    if host != backing.host {
        return None;
    }
    let query = path.find('?').map_or("", |at| &path[at..]);
    let (name, port) = (&backing.name, backing.kind.port());
    Some(format!("{scheme}://app@{name}:{port}/{project}{query}"))
}
