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

/// What stands for the password in [`Access`].
pub const PASSWORD: &str = "{}";

/// How the processes of a project reach a backing service that is deployed with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The variable that is the password.
    pub key: &'static str,
    /// All other variables; [`PASSWORD`] in them stands for it.
    pub env: BTreeMap<String, String>,
    /// The variable by which the service itself gets the password.
    pub own: &'static str,
}

/// How the processes of `project` reach `backing` on a cluster, where it is called `host`.
pub fn access(backing: &Backing, project: &str, host: &str) -> Access {
    let on_cluster = Backing {
        name: host.to_owned(),
        ..backing.clone()
    };
    let (key, own, user) = match backing.kind {
        BackingKind::Postgres => ("PGPASSWORD", "POSTGRES_PASSWORD", "app@"),
        // Its only user has no name.
        BackingKind::Redis => ("REDIS_PASSWORD", "REDIS_PASSWORD", ""),
    };
    let open = format!("//{user}{host}:");
    let known = format!("//{}:{PASSWORD}@{host}:", user.trim_end_matches('@'));
    let mut env = application_env(&on_cluster, project);
    for address in env.values_mut() {
        *address = address.replacen(&open, &known, 1);
    }
    Access { key, env, own }
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

#[cfg(test)]
mod tests {
    use super::access;
    use crate::project;

    #[test]
    fn on_a_cluster_there_is_a_password() {
        let text = "[project]\nname = \"shop\"\n[service.app]\nroles = [\"web\"]\n[role.web]\ncommand = \"serve\"\n\
                    [backing.postgres]\n[backing.queue]\nkind = \"redis\"\ncluster = \"kept\"\n";
        let project = project::parse(text).expect("no mistakes");
        let told = project.backings.iter().map(|backing| {
            let access = access(backing, "shop", &format!("shop-{}", backing.name));
            let env = access
                .env
                .iter()
                .map(|(name, value)| format!("{name}={value}"));
            let env: Vec<String> = env.collect();
            (access.key, backing.is_deployed(), env.join(" "))
        });
        let postgres = "DATABASE_URL=postgresql://app:{}@shop-postgres:5432/shop PGDATABASE=shop PGHOST=shop-postgres PGPORT=5432 PGUSER=app";
        let redis = "CELERY_BROKER_URL=redis://:{}@shop-queue:6379/0 REDIS_URL=redis://:{}@shop-queue:6379/0";
        let expected = [
            ("PGPASSWORD", false, postgres.to_owned()),
            ("REDIS_PASSWORD", true, redis.to_owned()),
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }
}
