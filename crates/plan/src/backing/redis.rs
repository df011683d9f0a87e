//! Redis from Debian packages.

use std::collections::BTreeMap;

use boatyard_init::contract::{Command, Role, Stop};

use super::definition::{Definition, File};
use crate::project::{BackingKind, User};

const START: &str = "/usr/lib/boatyard/redis";

pub(super) fn definition() -> Definition {
    Definition {
        user: User {
            name: "redis".to_owned(),
            uid: 998,
            gid: 998,
        },
        settings: Vec::new(),
        packages: vec!["redis-server"],
        files: vec![File {
            path: START,
            mode: 0o755,
            text: include_str!("redis.sh"),
            why: "says where the server listens, then becomes it",
        }],
        role: Role {
            command: Command::Words(vec![START.to_owned()]),
            stop: Stop::default(),
            port: Some(BackingKind::Redis.port()),
            ready: Some("tcp://:6379".to_owned()),
            env: BTreeMap::new(),
            supervise: None,
        },
    }
}
