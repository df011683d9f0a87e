//! `PostgreSQL` from Debian packages.

use std::collections::BTreeMap;

use boatyard_init::contract::{Command, Role, Stop, Target};

use super::definition::{Definition, File};
use crate::project::{BackingKind, User};

const START: &str = "/usr/lib/boatyard/postgres";

pub(super) fn definition() -> Definition {
    Definition {
        // initdb refuses root. 999 is what other images of PostgreSQL use, which keeps volumes exchangeable.
        user: User {
            name: "postgres".to_owned(),
            uid: 999,
            gid: 999,
        },
        settings: vec![File {
            path: "/etc/postgresql-common/createcluster.conf",
            mode: 0o644,
            text: "create_main_cluster = false\n",
            why: "the package must not make a cluster: data belongs into the volume",
        }],
        packages: vec!["postgresql"],
        files: vec![File {
            path: START,
            mode: 0o755,
            text: include_str!("postgres.sh"),
            why: "makes the cluster when the volume is empty, then becomes the server",
        }],
        role: Role {
            command: Command::Words(vec![START.to_owned()]),
            // INT is PostgreSQL's fast shutdown; TERM would wait for every client to leave.
            stop: Stop {
                signal: "INT".to_owned(),
                grace_secs: 60,
                target: Target::Main,
            },
            port: Some(BackingKind::Postgres.port()),
            // The port is open before recovery is over; pg_isready knows. The version is in the path. Without a user that
            // exists the server would log a failed login each time.
            ready: Some(
                "/usr/lib/postgresql/*/bin/pg_isready -q -h 127.0.0.1 -p 5432 -U app -d postgres"
                    .to_owned(),
            ),
            env: BTreeMap::new(),
            supervise: None,
        },
    }
}
