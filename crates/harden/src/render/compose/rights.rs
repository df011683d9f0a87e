//! Rights that a service does not have, each with the reason.

use crate::render::yaml::Map;

/// Adds what takes rights from `service`. It runs as `user`, and writes to `writes` beside its volumes.
pub(super) fn harden(service: Map, user: (u32, u32), writes: &[&str]) -> Map {
    let (uid, gid) = user;
    let folders: Vec<&str> = std::iter::once("/tmp")
        .chain(writes.iter().copied())
        .collect();
    service
        .because(
            "numbers: a name cannot be proven not to be root",
            "user",
            format!("{uid}:{gid}"),
        )
        .because(
            "whoever breaks in cannot change the application",
            "read_only",
            true,
        )
        .because(
            "what is written there is gone with the container",
            "tmpfs",
            folders,
        )
        .because("it needs none", "cap_drop", ["ALL"])
        .because(
            "no setuid program gives back what was taken",
            "security_opt",
            ["no-new-privileges:true"],
        )
}
