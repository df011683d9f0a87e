//! Backing services as images that anybody can pull, in the versions that Debian has.

use std::collections::BTreeMap;

use boatyard_plan::project::{BackingKind, Project};

/// A backing service as an image of a registry.
pub(super) struct Official {
    /// The image.
    pub image: &'static str,
    /// Who runs it, in numbers.
    pub user: (u32, u32),
    /// Words in place of the image's own.
    pub command: &'static [&'static str],
    /// How it is asked whether it is ready.
    pub ready: Vec<String>,
    /// Its variables.
    pub env: BTreeMap<String, String>,
    /// Where its data is.
    pub data: &'static str,
    /// Folders that it writes to beside `/tmp`.
    pub writes: &'static [&'static str],
    /// Signal that stops it without losing anything.
    pub signal: &'static str,
}

/// The image that does what `boatyard up` runs as `kind`. Versions are those of the release that the project is made from.
pub(super) fn official(project: &Project, kind: BackingKind) -> Official {
    let trixie = project.image.base.suite() == Some("trixie");
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    match kind {
        BackingKind::Postgres => Official {
            image: if trixie {
                "docker.io/library/postgres:17-trixie"
            } else {
                "docker.io/library/postgres:15-bookworm"
            },
            user: (999, 999),
            command: &[],
            ready: words(&[
                "pg_isready",
                "-q",
                "-h",
                "127.0.0.1",
                "-U",
                "app",
                "-d",
                &project.name,
            ]),
            env: [
                ("POSTGRES_USER", "app"),
                ("POSTGRES_DB", project.name.as_str()),
                // As boatyard up has it: who reaches its network may use it.
                ("POSTGRES_HOST_AUTH_METHOD", "trust"),
                ("POSTGRES_INITDB_ARGS", "--encoding=UTF8 --locale=C.UTF-8"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
            data: "/var/lib/postgresql/data",
            writes: &["/var/run/postgresql"],
            signal: "SIGINT",
        },
        BackingKind::Redis => Official {
            image: if trixie {
                "docker.io/library/redis:8.0-bookworm"
            } else {
                "docker.io/library/redis:7.0-bookworm"
            },
            user: (999, 999),
            command: &["redis-server", "--appendonly", "yes"],
            ready: words(&["redis-cli", "ping"]),
            env: BTreeMap::new(),
            data: "/data",
            writes: &[],
            signal: "SIGTERM",
        },
    }
}
