//! The environment through which an application finds its backing services.

use std::collections::BTreeMap;

use crate::project::{Backing, BackingKind};

/// What the processes of `project` get for `backing`. Its name is its host. The user's own variables of the same name
/// win: that is the caller's part.
pub fn application_env(backing: &Backing, project: &str) -> BTreeMap<String, String> {
    let host = &backing.name;
    let port = backing.kind.port();
    let pairs = match backing.kind {
        BackingKind::Postgres => vec![
            (
                "DATABASE_URL",
                format!("postgresql://app@{host}:{port}/{project}"),
            ),
            ("PGDATABASE", project.to_owned()),
            ("PGHOST", host.clone()),
            ("PGPORT", port.to_string()),
            ("PGUSER", "app".to_owned()),
        ],
        BackingKind::Redis => vec![
            ("CELERY_BROKER_URL", format!("redis://{host}:{port}/0")),
            ("REDIS_URL", format!("redis://{host}:{port}/0")),
        ],
    };
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// What the process of `backing` itself gets.
pub fn process_env(backing: &Backing, project: &str) -> BTreeMap<String, String> {
    match backing.kind {
        BackingKind::Postgres => BTreeMap::from(
            // libpq's own, so that `boatyard exec postgres -- psql` finds the server and the database.
            [
                ("POSTGRES_DB", project),
                ("PGDATABASE", project),
                ("PGHOST", "127.0.0.1"),
                ("PGUSER", "app"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        ),
        BackingKind::Redis => BTreeMap::new(),
    }
}
