//! `[[image.repository]]`: archives of Debian packages that are not Debian's.
//!
//! ```text
//! [[image.repository]]
//! url = "https://apt.postgresql.org/pub/repos/apt"
//! suite = "bookworm-pgdg"
//! components = ["main"]       the default
//! key = "keys/pgdg.asc"       the only key that may sign it
//! ```

use super::words;
use crate::document::{Findings, Section};
use crate::project::Repository;

/// The repositories of the table `[image]`; those with a mistake are left out.
pub(super) fn read(image: &Section<'_>, findings: &mut Findings) -> Vec<Repository> {
    let tables = image.tables("repository", findings).into_iter();
    tables.filter_map(|table| one(&table, findings)).collect()
}

fn one(table: &Section<'_>, findings: &mut Findings) -> Option<Repository> {
    table.only(&["url", "suite", "components", "key"], findings);
    let mut missing = |key: &str, what: &str| {
        if !table.has(key) {
            findings
                .key(&table.path, format!("a repository without {key}"))
                .with_label(format!("{key} is missing: {what}"));
        }
    };
    missing("url", "its address");
    missing("suite", "the folder below dists/");
    missing(
        "key",
        "the file of the key that signs it, relative to the project",
    );
    let url = table.string("url", findings);
    if let Some(url) = &url
        && !["http://", "https://"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
    {
        findings
            .value(
                &table.path("url"),
                format!("\"{url}\" is not the address of a repository"),
            )
            .with_label("begins with http:// or https://");
    }
    let suite = table.string("suite", findings);
    if let Some(suite) = &suite {
        folder("suite", suite, &table.path("suite"), findings);
    }
    let mut components = Vec::new();
    for (path, name) in table.strings("components", findings) {
        folder("component", &name, &path, findings);
        components.push(name);
    }
    if components.is_empty() {
        components.push("main".to_owned());
    }
    let key = table.string("key", findings)?;
    Some(Repository {
        url: url?.trim_end_matches('/').to_owned(),
        suite: suite?,
        components,
        key: words::relative("key", &key, &table.path("key"), findings),
    })
}

/// Notes a name that cannot be a folder of an archive.
fn folder(what: &str, name: &str, path: &str, findings: &mut Findings) {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"+-._/~".contains(&byte);
    let is_flat = name.ends_with('/');
    if name.is_empty()
        || is_flat
        || name.starts_with('/')
        || name.contains("..")
        || !name.bytes().all(fits)
    {
        let label = if is_flat {
            "a flat repository, which has no dists/, is not supported"
        } else {
            "letters, digits, + - . _ ~ and / between them"
        };
        findings
            .value(path, format!("\"{name}\" cannot be a {what}"))
            .with_label(label);
    }
}
