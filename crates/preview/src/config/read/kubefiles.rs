//! `[cluster.kubefiles]`, and `kubefiles` of a repository.

use std::collections::BTreeMap;

use boatyard_plan::document::{Findings, Section};

use super::source;
use crate::config::{Builds, Folder, Kubefiles};

const KEYS: [&str; 6] = ["folder", "image", "env", "secret-env", "vars", "cleanup"];

/// `[cluster.kubefiles]`
pub(super) fn of_server(cluster: &Section<'_>, findings: &mut Findings) -> Option<Builds> {
    let table = cluster.section("kubefiles", findings)?;
    table.only(&[&KEYS[..], &["namespace", "adopt"]].concat(), findings);
    let folder = table.string("folder", findings).map(Folder::Server);
    let builds = Builds {
        kubefiles: read(&table, folder, findings),
        namespace: table.string("namespace", findings),
        adopt: table.boolean("adopt", findings).unwrap_or(false),
    };
    if builds.adopt && builds.namespace.is_none() {
        findings
            .value(
                &table.path("adopt"),
                "it is not said where builds are taken over from",
            )
            .with_label("all builds of runboat are in one namespace")
            .with_help("namespace = \"...\", the one of RUNBOAT_BUILD_NAMESPACE");
    }
    Some(builds)
}

/// `kubefiles = "FOLDER"` of a repository, or the table of that name.
pub(super) fn of_repository(
    table: &Section<'_>,
    has_cluster: bool,
    findings: &mut Findings,
) -> Option<Kubefiles> {
    let value = table.value("kubefiles")?;
    if !has_cluster {
        findings
            .value(&table.path("kubefiles"), "kubefiles are for a cluster")
            .with_label("the file has no table [cluster]");
    }
    if value.as_str().is_some() {
        let folder = in_repository(table, "kubefiles", findings);
        return Some(Kubefiles {
            folder,
            ..Kubefiles::default()
        });
    }
    let inner = table.section("kubefiles", findings)?;
    inner.only(&KEYS, findings);
    let folder = in_repository(&inner, "folder", findings);
    Some(read(&inner, folder, findings))
}

fn read(table: &Section<'_>, folder: Option<Folder>, findings: &mut Findings) -> Kubefiles {
    let texts = |key: &str, findings: &mut Findings| -> BTreeMap<String, String> {
        let all = table.strings_by_key(key, findings).into_iter();
        all.map(|(_, name, text)| (name.to_owned(), text)).collect()
    };
    let secrets = table.section("secret-env", findings);
    let secret_env = secrets.map(|secrets| {
        let names = secrets.entries().into_iter().map(|(name, _)| name);
        names
            .filter_map(|name| Some((name.to_owned(), source::read(&secrets, name, findings)?)))
            .collect()
    });
    Kubefiles {
        folder,
        image: table.string("image", findings),
        env: texts("env", findings),
        secret_env: secret_env.unwrap_or_default(),
        variables: texts("vars", findings),
        cleanup: table.boolean("cleanup", findings),
    }
}

/// A folder of the repository, plain and relative.
fn in_repository(table: &Section<'_>, key: &str, findings: &mut Findings) -> Option<Folder> {
    let text = table.string(key, findings)?;
    let is_bad = text.starts_with('/')
        || text.split('/').any(|part| part == "..")
        || text.contains(char::is_control);
    if is_bad {
        findings
            .value(
                &table.path(key),
                format!("\"{text}\" is outside the repository"),
            )
            .with_label("a folder in the repository")
            .with_help("a folder of the server is said in [cluster.kubefiles]: folder = \"...\"");
    }
    Some(Folder::Repository(text.trim_end_matches('/').to_owned()))
}
