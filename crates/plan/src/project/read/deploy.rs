//! `[deploy]`, and what roles, jobs and schedules say about clusters.

use toml::de::DeValue;

use super::{image, quantity, words};
use crate::document::{Findings, Part, Section, wrong_type};
use crate::project::backing::SIZE;
use crate::project::{Deploy, Placement, Resources, Right, Volume};

/// Keys of a role that are about clusters.
pub(super) const PLACEMENT: [&str; 6] = [
    "replicas",
    "singleton",
    "resources",
    "host",
    "writable",
    "rights",
];

/// `[deploy]`.
pub(super) fn read(document: &Section<'_>, findings: &mut Findings) -> Deploy {
    let Some(table) = document.section("deploy", findings) else {
        return Deploy::default();
    };
    table.only(
        &[
            "namespace",
            "host",
            "ingress-class",
            "ingress-namespace",
            "gateway",
            "tls-secret",
            "pull-secret",
            "secrets",
            "env",
            "egress",
            "volume",
        ],
        findings,
    );
    Deploy {
        namespace: object(&table, "namespace", findings),
        host: host(&table, findings),
        ingress_class: object(&table, "ingress-class", findings),
        ingress_namespace: object(&table, "ingress-namespace", findings),
        gateway: gateway(&table, findings),
        tls_secret: object(&table, "tls-secret", findings),
        pull_secret: object(&table, "pull-secret", findings),
        secrets: secrets(&table, findings),
        env: image::env(&table, findings),
        egress: egress(&table, findings),
        volumes: volumes(&table, findings),
    }
}

/// What a role says; `runs_once`: whether two of its command must never run.
pub(super) fn placement(
    table: &Section<'_>,
    runs_once: bool,
    findings: &mut Findings,
) -> Placement {
    let replicas = replicas(table, findings);
    let singleton = table.boolean("singleton", findings).unwrap_or(runs_once);
    if singleton && replicas.is_some_and(|count| count > 1) {
        findings
            .value(
                &table.path("replicas"),
                "two of it must never run at once".to_owned(),
            )
            .with_label("more than one")
            .with_help("leave replicas out, or say singleton = false");
    }
    Placement {
        replicas,
        singleton,
        resources: resources(table, findings),
        host: host(table, findings),
        writable: table
            .strings("writable", findings)
            .into_iter()
            .map(|(path, text)| words::absolute("writable", &text, &path, findings))
            .collect(),
        rights: rights(table, findings),
    }
}

/// `[[role.NAME.rights]]`
fn rights(table: &Section<'_>, findings: &mut Findings) -> Vec<Right> {
    let mut rights = Vec::new();
    for table in table.tables("rights", findings) {
        table.only(
            &["everywhere", "groups", "resources", "verbs", "names"],
            findings,
        );
        for (key, example) in [
            ("resources", "[\"deployments\"]"),
            ("verbs", "[\"get\", \"list\"]"),
        ] {
            if !table.has(key) {
                findings
                    .key(&table.path, format!("a right without {key}"))
                    .with_label(format!("{key} is missing"))
                    .with_help(format!("for example {key} = {example}"));
            }
        }
        let mut texts = |key: &str| -> Vec<String> {
            let mut texts = Vec::new();
            for (path, text) in table.strings(key, findings) {
                if text.contains('*') {
                    findings
                        .value(&path, format!("{key} of a right cannot be \"{text}\""))
                        .with_label("everything that is invented next year, too")
                        .with_help("name them");
                }
                texts.push(text);
            }
            texts
        };
        let groups = texts("groups");
        let (resources, verbs, names) = (texts("resources"), texts("verbs"), texts("names"));
        rights.push(Right {
            everywhere: table.boolean("everywhere", findings).unwrap_or(false),
            groups: if groups.is_empty() {
                vec![String::new()]
            } else {
                groups
            },
            resources,
            verbs,
            names,
        });
    }
    rights
}

/// `resources` of this table.
pub(super) fn resources(table: &Section<'_>, findings: &mut Findings) -> Resources {
    let Some(table) = table.section("resources", findings) else {
        return Resources::default();
    };
    table.only(&["cpu", "memory", "cpu-limit", "memory-limit"], findings);
    let mut quantity = |key: &str| quantity::read(&table, key, findings);
    Resources {
        cpu: quantity("cpu"),
        memory: quantity("memory"),
        cpu_limit: quantity("cpu-limit"),
        memory_limit: quantity("memory-limit"),
    }
}

fn replicas(table: &Section<'_>, findings: &mut Findings) -> Option<u32> {
    const MOST: u32 = 1000;
    let number = table.integer("replicas", findings)?;
    match u32::try_from(number) {
        Ok(replicas) if replicas <= MOST => Some(replicas),
        _ => {
            findings
                .value(
                    &table.path("replicas"),
                    format!("replicas = {number} is out of range"),
                )
                .with_label(format!("expected 0 to {MOST}"));
            None
        }
    }
}

/// A name of an object of the cluster (RFC 1123).
pub(super) fn object(table: &Section<'_>, key: &str, findings: &mut Findings) -> Option<String> {
    let text = table.string(key, findings)?;
    names(&text, key, &table.path(key), findings);
    Some(text)
}

fn names(text: &str, what: &str, path: &str, findings: &mut Findings) {
    if !is_host(text) {
        findings
            .value(path, format!("\"{text}\" cannot be the name of a {what}"))
            .with_label("lower-case letters, digits, - and . only");
    }
}

fn host(table: &Section<'_>, findings: &mut Findings) -> Option<String> {
    let text = table.string("host", findings)?;
    if !is_host(text.strip_prefix("*.").unwrap_or(&text)) {
        findings
            .value(
                &table.path("host"),
                format!("\"{text}\" is not the name of a host"),
            )
            .with_label("lower-case letters, digits, - and . only")
            .with_help("without scheme, port and path, for example \"guestbook.example.com\"");
    }
    Some(text)
}

/// Whether the text is labels with dots between them.
fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(fits)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

fn gateway(table: &Section<'_>, findings: &mut Findings) -> Option<String> {
    let text = table.string("gateway", findings)?;
    for part in text.splitn(2, '/') {
        names(part, "gateway", &table.path("gateway"), findings);
    }
    Some(text)
}

fn secrets(table: &Section<'_>, findings: &mut Findings) -> Vec<String> {
    let mut secrets = Vec::new();
    for (path, text) in table.strings("secrets", findings) {
        names(&text, "secret", &path, findings);
        secrets.push(text);
    }
    secrets
}

fn egress(table: &Section<'_>, findings: &mut Findings) -> Vec<u16> {
    let path = table.path("egress");
    let items = match table.value("egress") {
        Some(DeValue::Array(items)) => items,
        Some(other) => {
            wrong_type(other, &path, "an array of ports", findings);
            return Vec::new();
        }
        None => return Vec::new(),
    };
    let mut ports = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let DeValue::Integer(number) = item.get_ref() else {
            wrong_type(
                item.get_ref(),
                &format!("{path}.{index}"),
                "a port",
                findings,
            );
            continue;
        };
        match u16::from_str_radix(number.as_str(), number.radix()) {
            Ok(port) if port > 0 => ports.push(port),
            _ => {
                findings
                    .value(
                        &format!("{path}.{index}"),
                        format!("port {number} is out of range"),
                    )
                    .with_label("expected 1 to 65535");
            }
        }
    }
    ports
}

fn volumes(table: &Section<'_>, findings: &mut Findings) -> Vec<Volume> {
    let mut volumes = Vec::new();
    for (name, table) in table.named("volume", findings) {
        words::name("volume", name, Part::Key, &table.path, findings);
        table.only(&["path", "of", "size", "class", "shared"], findings);
        if !table.has("path") {
            findings
                .value(
                    &table.path,
                    format!("volume {name} does not say where it is"),
                )
                .with_label("path is missing")
                .with_help("for example path = \"/app/media\"");
        }
        let path = table.string("path", findings).unwrap_or_default();
        volumes.push(Volume {
            path: if path.is_empty() {
                path
            } else {
                words::absolute("path", &path, &table.path("path"), findings)
            },
            name: name.to_owned(),
            of: table
                .strings("of", findings)
                .into_iter()
                .map(|(_, name)| name)
                .collect(),
            size: quantity::read(&table, "size", findings).unwrap_or_else(|| SIZE.to_owned()),
            class: object(&table, "class", findings),
            shared: table.boolean("shared", findings).unwrap_or(false),
        });
    }
    volumes
}
