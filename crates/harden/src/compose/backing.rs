//! A service that is a backing service.

use boatyard_plan::project::BackingKind;

use super::reader::{Reader, pairs, shown};
use crate::yaml::Node;

/// A backing service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Backing {
    /// The service's name in the Compose file, which is its host name there.
    pub host: String,
    /// Its name in the project.
    pub name: String,
    /// What it is.
    pub kind: BackingKind,
    /// The user that its image makes, if it says one.
    pub user: Option<String>,
    /// The database that its image makes.
    pub database: Option<String>,
}

/// Where images of others keep their data.
const DATA: [&str; 4] = [
    "/var/lib/postgresql",
    "/data",
    "/bitnami",
    "/var/lib/valkey",
];

/// Reads the service `host`, which runs `image`.
pub(super) fn read(
    reader: &mut Reader<'_>,
    (host, name): (&str, &str),
    service: &Node,
    kind: BackingKind,
    image: &str,
) -> Backing {
    let mut backing = Backing {
        host: host.to_owned(),
        name: name.to_owned(),
        kind,
        user: None,
        database: None,
    };
    reader.found(format!(
        "backing service {name}: {} of Debian for {image}, with an empty volume",
        kind.name()
    ));
    for (key, value) in pairs(service) {
        match key.text().unwrap_or_default() {
            // It has a check and a volume of its own, and is kept running.
            "image" | "healthcheck" | "restart" | "init" | "read_only" | "cap_drop"
            | "security_opt" | "container_name" | "hostname" | "expose" => {}
            "ports" => {
                if let Some(first) = value.items().first() {
                    reader.left(
                        first,
                        format!("ports of {host}"),
                        format!("boatyard up opens no port of it: boatyard exec {name} -- COMMAND runs a client in it"),
                    );
                }
            }
            "volumes" => volumes(reader, host, &value),
            "environment" => environment(reader, &mut backing, &value),
            other if other.starts_with("x-") => {}
            other => reader.left(
                &key,
                format!("{other} of {host}"),
                format!("Boatyard's {} has no such setting", kind.name()),
            ),
        }
    }
    backing
}

fn volumes(reader: &mut Reader<'_>, host: &str, volumes: &Node) {
    for item in volumes.items() {
        let target = item.string("target").or_else(|| {
            let text = item.text()?;
            let mut parts = text.split(':');
            let first = parts.next()?;
            Some(parts.next().unwrap_or(first).to_owned())
        });
        let target = target.unwrap_or_default();
        if DATA.iter().any(|folder| target.starts_with(folder)) {
            continue;
        }
        let help = if target.contains("initdb") {
            "what it does once belongs into a job: when = \"before-deploy\""
        } else {
            "a backing service has its data volume and nothing else"
        };
        reader.left(&item, format!("volume {} of {host}", shown(&item)), help);
    }
}

/// Its own variables: who the user is, which database there is. Ours are always the same.
fn environment(reader: &mut Reader<'_>, backing: &mut Backing, environment: &Node) {
    let mut names = Vec::new();
    for (name, value) in super::environment::variables(environment) {
        let value = value.map(|text| super::interpolate::fill(&text).text);
        match name.as_str() {
            "POSTGRES_USER" | "POSTGRESQL_USERNAME" => backing.user = value,
            "POSTGRES_DB" | "POSTGRESQL_DATABASE" => backing.database = value,
            _ => {}
        }
        names.push(name);
    }
    if backing.kind == BackingKind::Postgres {
        let user = backing.user.get_or_insert_with(|| "postgres".to_owned());
        backing.database.get_or_insert_with(|| user.clone());
    }
    let what = format!("variables of {}: {}", backing.host, names.join(", "));
    let help = match backing.kind {
        BackingKind::Postgres => {
            "the user is \"app\" without a password, the database is named like the project; DATABASE_URL and PGHOST, PGUSER, PGDATABASE say so"
        }
        BackingKind::Redis => "it has no password; REDIS_URL says where it is",
    };
    reader.left(environment, what, help);
}
