//! Environments on Kubernetes.

use boatyard_plan::document::{Findings, Section};
use boatyard_plan::reference::Reference;

use super::builder;
use super::hosts;
use super::kubefiles;
use super::naming;
use super::times::{duration, positive};
use crate::config::{Cluster, Lease, Quota, Way};

const PREFIX: &str = "boatyard";
/// What a namespace may have (RFC 1123), less a dash and an id.
const LONGEST: usize = 63 - 17;
/// Seconds that a lease may last: less is lost whenever a cluster is slow, and nobody waits for longer.
const LASTS: std::ops::RangeInclusive<u64> = 5..=600;

/// `[cluster]`; none: environments are on this machine.
pub(super) fn read(top: &Section<'_>, findings: &mut Findings) -> Option<Cluster> {
    let table = top.section("cluster", findings)?;
    table.only(
        &[
            "context",
            "registry",
            "prefix",
            "reach",
            "quota",
            "lease",
            "hosts",
            "builder",
            "images",
            "keep-images",
            "kubefiles",
        ],
        findings,
    );
    let prefix = table.string("prefix", findings);
    let builds = kubefiles::of_server(&table, findings);
    let images = naming::of_server(&table, findings);
    // Images that are only named are pushed by somebody else.
    let has_kubefiles = builds
        .as_ref()
        .is_some_and(|builds| builds.kubefiles.folder.is_some());
    let builds_here = !has_kubefiles && images.is_none();
    let ways = [("forward", Way::Forward), ("service", Way::Service)];
    Some(Cluster {
        context: table.string("context", findings),
        registry: registry(&table, builds_here, findings),
        prefix: prefix.map_or(PREFIX.to_owned(), |text| named(text, &table, findings)),
        reach: table
            .choice("reach", "way", &ways, findings)
            .unwrap_or(Way::Forward),
        quota: quota(&table, findings),
        lease: lease(&table, findings),
        hosts: hosts::read(&table, findings),
        builder: builder::read(&table, findings),
        images,
        keeps_images: table.boolean("keep-images", findings).unwrap_or(false),
        builds,
    })
}

fn registry(table: &Section<'_>, is_needed: bool, findings: &mut Findings) -> String {
    const HELP: &str = "for example \"registry.example.org/previews\"";
    if !table.has("registry") && !is_needed {
        return String::new();
    }
    if !table.has("registry") {
        findings
            .key(&table.path, "no registry is named")
            .with_label("the cluster pulls images from it")
            .with_help(format!("registry = ..., {HELP}"));
        return String::new();
    }
    let Some(text) = table.string("registry", findings) else {
        return String::new();
    };
    let text = text.trim_end_matches('/').to_owned();
    let name = format!("{text}/project/image").parse::<Reference>();
    if !name.is_ok_and(|name| name.registry.is_some()) {
        findings
            .value(
                &table.path("registry"),
                format!("\"{text}\" is not a place in a registry"),
            )
            .with_label("a host, and a folder if there is one")
            .with_help(HELP);
    }
    text
}

fn named(text: String, table: &Section<'_>, findings: &mut Findings) -> String {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_name = text.starts_with(|first: char| first.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.len() <= LONGEST
        && text.bytes().all(fits);
    if !is_name {
        findings
            .value(
                &table.path("prefix"),
                format!("no namespace can be called \"{text}-ID\""),
            )
            .with_label(format!(
                "a to z, 0 to 9 and dashes, a letter first, at most {LONGEST}"
            ));
    }
    text
}

fn quota(table: &Section<'_>, findings: &mut Findings) -> Quota {
    let mut quota = Quota::default();
    let Some(table) = table.section("quota", findings) else {
        return quota;
    };
    table.only(&["cpu", "memory", "storage", "pods"], findings);
    for (key, quantity) in [
        ("cpu", &mut quota.cpu),
        ("memory", &mut quota.memory),
        ("storage", &mut quota.storage),
    ] {
        if let Some(text) = amount(&table, key, findings) {
            *quantity = text;
        }
    }
    if let Some(pods) = positive(&table, "pods", findings) {
        quota.pods = pods;
    }
    quota
}

fn lease(table: &Section<'_>, findings: &mut Findings) -> Lease {
    let mut lease = Lease::default();
    let Some(table) = table.section("lease", findings) else {
        return lease;
    };
    table.only(&["namespace", "lasts"], findings);
    lease.namespace = table.string("namespace", findings);
    if let Some(lasts) = duration(&table, "lasts", findings) {
        let fits = LASTS.contains(&lasts.as_secs());
        if let Some(seconds) = u16::try_from(lasts.as_secs()).ok().filter(|_| fits) {
            lease.seconds = seconds;
        } else {
            findings
                .value(
                    &table.path("lasts"),
                    format!("a lease cannot last {} s", lasts.as_secs()),
                )
                .with_label("5 s to 10 minutes")
                .with_help("so long nobody leads after who led was killed");
        }
    }
    lease
}

/// A quantity of Kubernetes.
pub(super) fn amount(table: &Section<'_>, key: &str, findings: &mut Findings) -> Option<String> {
    let text = table.string(key, findings)?;
    if !is_quantity(&text) {
        findings
            .value(&table.path(key), format!("\"{text}\" is no quantity"))
            .with_label("a number and a unit, as Kubernetes has them")
            .with_help("for example \"500m\" or \"2\" of cpu, \"512Mi\" or \"8Gi\" of the others");
    }
    Some(text)
}

/// Digits with at most one point, and one of the units of Kubernetes.
fn is_quantity(text: &str) -> bool {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = &text[number.len()..];
    let units = [
        "", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei",
    ];
    let is_number = number.parse::<f64>().is_ok_and(|number| number > 0.0);
    let is_plain = number
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_number && is_plain && units.contains(&unit)
}
