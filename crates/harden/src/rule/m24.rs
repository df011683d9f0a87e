//! M24: names on the web.

use std::collections::BTreeMap;

use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::objects;
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "M24",
    severity: Severity::Warning,
    title: "an Ingress without TLS or host, or two for one address",
    why: "Without TLS passwords travel in plain text. Without a host the Ingress answers for every name of the cluster. Of two for one address it is chance which \
          one answers.",
    mend: "set spec.tls and a host for each rule; one Ingress for each address",
    fix: Fixing::Never,
    same_as: "polaris tlsSettingsMissing",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    let mut taken: BTreeMap<(String, String), (String, String)> = BTreeMap::new();
    for object in objects(workspace).iter().filter(|object| {
        object.kind == "Ingress" && object.version.starts_with("networking.k8s.io/")
    }) {
        let path = &object.document.path;
        let Some(spec) = object.root.get("spec") else {
            continue;
        };
        if spec.list("tls").is_empty() {
            report
                .add(
                    &RULE,
                    path,
                    object.place(),
                    format!("{} has no TLS", object.name),
                )
                .help("set spec.tls");
        }
        for rule in spec.list("rules") {
            let Some(host) = rule.get("host") else {
                report
                    .add(
                        &RULE,
                        path,
                        rule.span.start..rule.span.start,
                        format!("{} answers for every name", object.name),
                    )
                    .help("set a host");
                continue;
            };
            for one in rule
                .at(&["http", "paths"])
                .map(|node| node.items())
                .unwrap_or_default()
            {
                let address = (
                    host.text().unwrap_or_default().to_owned(),
                    one.string("path").unwrap_or_else(|| "/".to_owned()),
                );
                let owner = (object.namespace.clone(), object.name.clone());
                match taken.get(&address) {
                    // Overlays of one application say the same again.
                    Some(other) if *other != owner => {
                        report
                            .add(
                                &RULE,
                                path,
                                host.span.clone(),
                                format!("{} answers for {}{}, too", other.1, address.0, address.1),
                            )
                            .help("give one of them another host");
                    }
                    _ => {
                        taken.insert(address, owner);
                    }
                }
            }
        }
    }
}
