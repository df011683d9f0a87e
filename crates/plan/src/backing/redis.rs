//! Redis from Debian packages.

use std::collections::BTreeMap;

use boatyard_init::contract::{Command, Role, Stop};

use super::DATA;
use super::definition::Definition;
use crate::project::{BackingKind, User};

pub(super) fn definition() -> Definition {
    // The append-only file keeps what was queued through a kill, up to the last second.
    let words = [
        "/usr/bin/redis-server",
        "--bind",
        "127.0.0.1",
        "--port",
        "6379",
        "--dir",
        DATA,
        "--appendonly",
        "yes",
        "--daemonize",
        "no",
    ];
    Definition {
        user: User {
            name: "redis".to_owned(),
            uid: 998,
            gid: 998,
        },
        settings: Vec::new(),
        packages: vec!["redis-server"],
        files: Vec::new(),
        role: Role {
            command: Command::Words(words.map(str::to_owned).to_vec()),
            stop: Stop::default(),
            port: Some(BackingKind::Redis.port()),
            ready: Some("tcp://:6379".to_owned()),
            env: BTreeMap::new(),
            supervise: None,
        },
    }
}
