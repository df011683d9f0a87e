//! A service of the application: a role or a job.

use boatyard_plan::dockerfile::nanoseconds;
use boatyard_plan::project::is_signal;

use super::reader::{Reader, pairs, shown};
use crate::yaml::Node;

/// Keys that something reads, or that hold without being said: `boatyard-init` is process 1, and what is rendered has no
/// rights to give up.
const READ: [&str; 17] = [
    "build",
    "cap_drop",
    "command",
    "depends_on",
    "entrypoint",
    "environment",
    "expose",
    "healthcheck",
    "image",
    "init",
    "ports",
    "profiles",
    "read_only",
    "stop_grace_period",
    "stop_signal",
    "user",
    "volumes",
];

/// Keys that nothing reads, and what to do about each.
const OTHERS: [(&str, &str); 10] = [
    (
        "configs",
        "what the application reads goes into its image: service.NAME.copy",
    ),
    ("container_name", "a container is named like its role"),
    (
        "deploy",
        "replicas and limits are of the place where it runs: boatyard render k8s",
    ),
    ("labels", "boatyard build --label, if it is the image's"),
    (
        "links",
        "the processes of a project reach each other by name",
    ),
    ("networks", "the processes of a project have one network"),
    (
        "restart",
        "what is rendered is started again; boatyard up ends when a role does",
    ),
    ("secrets", "give them where the application runs"),
    ("working_dir", "all images have one: image.workdir"),
    ("hostname", "a process is reached by the name of its role"),
];

/// Notes every key of the service `name` that nothing reads.
pub(super) fn rest(reader: &mut Reader<'_>, name: &str, service: &Node) {
    for (key, value) in pairs(service) {
        let Some(text) = key.text() else {
            continue;
        };
        match text {
            "security_opt" => {
                for item in value.items() {
                    if !item
                        .text()
                        .is_some_and(|text| text.starts_with("no-new-privileges"))
                    {
                        reader.left(
                            &item,
                            format!("security_opt {} of {name}", shown(&item)),
                            "processes have the usual rights, and no more",
                        );
                    }
                }
            }
            "tmpfs" => {
                let items = if value.is_list() {
                    value.items()
                } else {
                    vec![value.clone()]
                };
                for item in items {
                    if item
                        .text()
                        .is_none_or(|text| text.split(':').next() != Some("/tmp"))
                    {
                        reader.left(
                            &item,
                            format!("tmpfs {} of {name}", shown(&item)),
                            "what is rendered has /tmp alone: let the application write there",
                        );
                    }
                }
            }
            "volumes" => volumes(reader, name, &value),
            // As roles and jobs are.
            "restart" if value.text() == Some("no") => {}
            _ if READ.contains(&text) || text.starts_with("x-") => {}
            _ => {
                let help = OTHERS.iter().find(|(known, _)| *known == text);
                let help = help.map_or("a boatyard.toml has nothing like it", |(_, help)| help);
                let what = if value.text().is_some() && !value.is_null() {
                    format!("{text}: {} of {name}", shown(&value))
                } else {
                    format!("{text} of {name}")
                };
                reader.left(&key, what, help);
            }
        }
    }
}

fn volumes(reader: &mut Reader<'_>, name: &str, volumes: &Node) {
    for item in volumes.items() {
        let source = item.string("source").or_else(|| {
            let (source, _) = item.text()?.split_once(':')?;
            Some(source.to_owned())
        });
        let part = |key: &str| item.string(key).unwrap_or_default();
        let long = || format!("{}:{}", part("source"), part("target"));
        let said = item.text().map_or_else(long, str::to_owned);
        let is_folder = source.is_some_and(|source| source.starts_with(['.', '/', '~']));
        let help = if is_folder {
            "the image has what service.NAME.copy names; boatyard up builds anew what changed"
        } else {
            "a role has no volumes: keep what has to stay in a backing service"
        };
        reader.left(&item, format!("volume {said} of {name}"), help);
    }
}

/// `stop_signal`, without `SIG`.
pub(super) fn signal(reader: &mut Reader<'_>, name: &str, service: &Node) -> Option<String> {
    let node = service.get("stop_signal")?;
    let capitals = reader.word(&node)?.to_ascii_uppercase();
    let signal = capitals.strip_prefix("SIG").unwrap_or(&capitals).to_owned();
    if is_signal(&signal) {
        return Some(signal);
    }
    reader.left(
        &node,
        format!("stop_signal {signal} of {name}"),
        "a signal has a name: stop = { signal = \"TERM\" }",
    );
    None
}

/// `stop_grace_period`, in whole seconds.
pub(super) fn grace_secs(reader: &mut Reader<'_>, name: &str, service: &Node) -> Option<u64> {
    let node = service.get("stop_grace_period")?;
    let word = reader.word(&node)?;
    match nanoseconds(&word) {
        Ok(nanoseconds) if nanoseconds > 0 => Some(nanoseconds.div_ceil(1_000_000_000)),
        _ => {
            reader.left(
                &node,
                format!("stop_grace_period {word} of {name}"),
                "a duration: stop = { grace = \"30s\" }",
            );
            None
        }
    }
}

/// `user` as numbers.
pub(super) fn user(reader: &mut Reader<'_>, name: &str, service: &Node) -> Option<(u32, u32)> {
    let node = service.get("user")?;
    let word = reader.word(&node)?;
    let (uid, gid) = word.split_once(':').unwrap_or((&word, &word));
    match (uid.parse(), gid.parse()) {
        (Ok(uid), Ok(gid)) if (1..60_000).contains(&uid) && (1..60_000).contains(&gid) => {
            Some((uid, gid))
        }
        _ => {
            reader.left(
                &node,
                format!("user {word} of {name}"),
                "the project has a user of its own, not root: image.user = { name, uid, gid }",
            );
            None
        }
    }
}
