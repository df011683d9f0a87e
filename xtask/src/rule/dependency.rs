//! Who may depend on whom: the direction between our crates, and what of others' each may be built from.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::graph::Graph;

/// What one crate may be built from.
struct Allowed {
    /// Package name.
    name: &'static str,
    /// Our crates that it may name.
    ours: &'static [&'static str],
    /// The only crates of others that it may name; none: any, less what [`never`] says.
    others: Option<&'static [&'static str]>,
}

/// Data flows left to right, and only that way (ARCHITECTURE.md).
const ALLOWED: &[Allowed] = &[
    Allowed {
        name: "boatyard-pages",
        ours: &[],
        others: Some(&["libc"]),
    },
    Allowed {
        name: "boatyard-init",
        ours: &["boatyard-pages"],
        // It is PID 1 in every image: each crate here costs bytes and start time everywhere.
        others: Some(&[
            "croner",
            "jiff",
            "lexopt",
            "libc",
            "rustix",
            "serde",
            "serde_json",
            "shell-words",
            "toml",
        ]),
    },
    Allowed {
        name: "boatyard-plan",
        ours: &["boatyard-init"],
        others: Some(&[
            "blake3",
            "serde",
            "serde_json",
            "sha2",
            "shell-words",
            "strsim",
            "thiserror",
            "toml",
        ]),
    },
    Allowed {
        name: "boatyard-harden",
        ours: &["boatyard-init", "boatyard-plan"],
        others: Some(&[
            "saphyr-parser",
            "serde",
            "serde_json",
            "strsim",
            "thiserror",
            "toml",
        ]),
    },
    Allowed {
        name: "boatyard-store",
        ours: &["boatyard-init", "boatyard-plan"],
        others: None,
    },
    Allowed {
        name: "boatyard-engine",
        ours: &["boatyard-init", "boatyard-plan", "boatyard-store"],
        others: None,
    },
    Allowed {
        name: "boatyard-cluster",
        ours: &["boatyard-init", "boatyard-plan", "boatyard-harden"],
        others: None,
    },
    Allowed {
        name: "boatyard-forgetest",
        ours: &[],
        // A forge for tests: it is linked by tests only.
        others: Some(&["base64", "serde_json", "tempfile"]),
    },
    Allowed {
        name: "boatyard-kubetest",
        ours: &[],
        // A cluster for tests: it is linked by tests only.
        others: None,
    },
    Allowed {
        name: "boatyard-preview",
        ours: &["boatyard-init", "boatyard-plan"],
        others: Some(&["serde", "serde_json", "sha2", "thiserror"]),
    },
    Allowed {
        name: "boatyard-serve",
        ours: &[
            "boatyard-init",
            "boatyard-plan",
            "boatyard-harden",
            "boatyard-cluster",
            "boatyard-pages",
            "boatyard-preview",
        ],
        others: None,
    },
    Allowed {
        name: "boatyard",
        ours: &[
            "boatyard-init",
            "boatyard-plan",
            "boatyard-harden",
            "boatyard-store",
            "boatyard-engine",
            "boatyard-cluster",
            "boatyard-preview",
            "boatyard-serve",
        ],
        others: None,
    },
    Allowed {
        name: "xtask",
        ours: &[],
        others: Some(&["anyhow", "serde", "serde_json"]),
    },
];

/// What must not be among the things `package` is built from, not even through others.
fn never(package: &str) -> &'static [&'static str] {
    match package {
        "boatyard-init" | "boatyard-plan" | "boatyard-harden" | "boatyard-preview" => &[
            "anyhow",
            "async-std",
            "axum",
            "clap",
            "hyper",
            "kube",
            "reqwest",
            "smol",
            "tokio",
            "ureq",
        ],
        "boatyard-store" | "boatyard-engine" => &[
            "anyhow",
            "async-std",
            "axum",
            "clap",
            "kube",
            "smol",
            "tokio",
        ],
        "boatyard-cluster" | "boatyard-kubetest" | "boatyard-serve" => &["anyhow", "clap"],
        _ => &[],
    }
}

/// Dependencies that a crate of ours may not have.
pub fn check(graph: &Graph) -> Vec<Finding> {
    graph
        .members
        .iter()
        .flat_map(|package| of_package(graph, package))
        .collect()
}

fn of_package(graph: &Graph, package: &str) -> Vec<Finding> {
    let path = manifest(package);
    let finding = |message: String| Finding::file("dependency", &path, message);
    let Some(allowed) = ALLOWED.iter().find(|allowed| allowed.name == package) else {
        return vec![finding(format!(
            "{package} is not on the map of ARCHITECTURE.md and of this rule"
        ))];
    };
    let none = BTreeSet::new();
    let direct = graph.edges.get(package).unwrap_or(&none);
    let wrong_way = direct
        .iter()
        .filter(|name| graph.members.contains(*name) && !allowed.ours.contains(&name.as_str()))
        .map(|name| finding(format!("{package} may not know {name}")));
    let foreign = direct
        .iter()
        .filter(|name| !graph.members.contains(*name))
        .filter(|name| {
            allowed
                .others
                .is_some_and(|others| !others.contains(&name.as_str()))
        })
        .map(|name| {
            finding(format!(
                "{package} may not be built from {name}: see its allow-list in {}",
                file!()
            ))
        });
    let reached = graph.closure(package);
    let forbidden = never(package)
        .iter()
        .filter(|name| reached.contains(*name))
        .map(|name| finding(format!("{package} reaches {name}, which it must never")));
    wrong_way.chain(foreign).chain(forbidden).collect()
}

fn manifest(package: &str) -> String {
    match package {
        "xtask" => "xtask/Cargo.toml".to_owned(),
        "boatyard" => "crates/cli/Cargo.toml".to_owned(),
        "boatyard-forgetest" => "tools/forgetest/Cargo.toml".to_owned(),
        "boatyard-kubetest" => "tools/kubetest/Cargo.toml".to_owned(),
        other => format!(
            "crates/{}/Cargo.toml",
            other.trim_start_matches("boatyard-")
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::check;
    use crate::graph::Graph;

    fn graph(edges: &[(&str, &[&str])]) -> Graph {
        let set = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<BTreeSet<_>>()
        };
        let ours = |name: &str| name.starts_with("boatyard");
        Graph {
            members: edges
                .iter()
                .map(|(name, _)| (*name).to_owned())
                .filter(|name| ours(name))
                .collect(),
            edges: edges
                .iter()
                .map(|(name, to)| ((*name).to_owned(), set(to)))
                .collect::<BTreeMap<_, _>>(),
        }
    }

    fn messages(edges: &[(&str, &[&str])]) -> Vec<String> {
        check(&graph(edges))
            .into_iter()
            .map(|finding| finding.message)
            .collect()
    }

    #[test]
    fn the_right_way() {
        let edges: &[(&str, &[&str])] = &[
            ("boatyard-init", &["libc", "serde"]),
            ("boatyard-plan", &["boatyard-init", "toml"]),
            ("boatyard-store", &["boatyard-plan", "zstd"]),
        ];
        assert!(messages(edges).is_empty());
    }

    #[test]
    fn against_the_stream() {
        let edges: &[(&str, &[&str])] = &[
            ("boatyard-init", &["boatyard-plan"]),
            ("boatyard-plan", &[]),
        ];
        assert_eq!(
            messages(edges),
            ["boatyard-init may not know boatyard-plan"]
        );
    }

    #[test]
    fn what_is_not_on_the_list() {
        let found = messages(&[("boatyard-plan", &["tempfile"])]);
        assert!(
            found[0].starts_with("boatyard-plan may not be built from tempfile"),
            "{found:?}"
        );
    }

    #[test]
    fn what_comes_through_others() {
        let found = messages(&[
            ("boatyard-store", &["client"]),
            ("client", &["tokio"]),
            ("tokio", &[]),
        ]);
        assert_eq!(found, ["boatyard-store reaches tokio, which it must never"]);
    }

    #[test]
    fn a_crate_that_nobody_drew() {
        assert!(messages(&[("boatyard-shed", &[])])[0].contains("not on the map"));
    }
}
