//! What somebody reads whom the cluster refuses something: what was done, what the cluster said, what to do; and the exit code.

use std::fs;

use boatyard_kubetest::{Behaviour, Cluster, kubectl};
use serde_json::{Value, json};

use crate::boatyard::Boatyard;
use crate::{PROJECT, manifests, ours};

/// A mistake, or a refusal.
struct Case {
    /// What it is about.
    name: &'static str,
    /// What becomes of the administrator's configuration.
    change: fn(&mut Value),
    /// More words of `deploy`.
    words: &'static [&'static str],
    code: i32,
    /// What is said, in this order.
    said: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        name: "no such context",
        change: |_| {},
        words: &["--context", "prodution"],
        code: 2,
        said: &[
            "cannot tell which cluster is meant by the context \"prodution\"",
            "help: ",
            "has the contexts: kubetest",
        ],
    },
    Case {
        name: "a token that has run out",
        change: |config| config["users"][0]["user"] = json!({"token": "of-last-year"}),
        words: &[],
        code: 3,
        said: &[
            "cannot read Lease/boatyard-shop",
            "Unauthorized",
            "help: ",
            "renew the login of this context",
        ],
    },
    Case {
        name: "somebody without rights",
        change: |config| config["users"][0]["user"]["as"] = json!("nobody"),
        words: &[],
        code: 3,
        said: &[
            "cannot read Lease/boatyard-shop",
            "User \"nobody\" cannot get resource \"leases\"",
            "help: ",
            "ask who runs the cluster",
        ],
    },
    Case {
        name: "no such namespace",
        change: |_| {},
        words: &["--namespace", "nowhere"],
        code: 3,
        said: &[
            "cannot take Lease/boatyard-shop",
            "namespaces \"nowhere\" not found",
            "help: ",
            "kubectl create namespace nowhere",
        ],
    },
    Case {
        name: "a server of another authority",
        change: |config| {
            let cluster = config["clusters"][0]["cluster"].as_object_mut().unwrap();
            cluster.remove("certificate-authority");
        },
        words: &[],
        code: 3,
        said: &[
            "cannot reach the cluster",
            "certificate",
            "help: ",
            "certificate-authority",
        ],
    },
    Case {
        name: "nobody there",
        change: |config| config["clusters"][0]["cluster"]["server"] = json!("https://127.0.0.1:1"),
        words: &[],
        code: 3,
        said: &[
            "cannot reach the cluster",
            "Connection refused",
            "help: ",
            "is this the right --context",
        ],
    },
    Case {
        name: "no such host",
        change: |config| {
            config["clusters"][0]["cluster"]["server"] = json!("https://no-such-host.invalid");
        },
        words: &[],
        code: 3,
        said: &["cannot reach the cluster", "lookup", "help: "],
    },
];

#[test]
fn each_is_told_with_what_to_do() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let namespace = cluster.namespace();
    let boatyard = Boatyard::new();
    boatyard.file("boatyard.toml", PROJECT);
    boatyard.file("k8s/all.yaml", &manifests(1));
    let administrator = fs::read_to_string(cluster.kubeconfig()).unwrap();
    for case in CASES {
        let mut config: Value = serde_json::from_str(&administrator).unwrap();
        (case.change)(&mut config);
        boatyard.file("kubeconfig", &config.to_string());
        let mut words = vec!["deploy", "-f", "k8s"];
        if !case.words.contains(&"--namespace") {
            words.extend(["--namespace", namespace.name()]);
        }
        words.extend(case.words);
        let mut command = boatyard.command(&words);
        let said = boatyard.said(command.env("KUBECONFIG", boatyard.project().join("kubeconfig")));
        println!("{}:\n{}", case.name, said.err);
        assert_eq!(said.code, case.code, "{}: {}", case.name, said.err);
        let mut rest = said.err.as_str();
        for part in case.said {
            let at = rest.find(part);
            let at = at.unwrap_or_else(|| panic!("{}: no {part:?} in {}", case.name, said.err));
            rest = &rest[at + part.len()..];
        }
    }
    // Of what may be there only so many.
    let words = [
        "-n",
        namespace.name(),
        "create",
        "quota",
        "few",
        "--hard=count/deployments.apps=0",
    ];
    ours(&mut kubectl().unwrap(), cluster, &words);
    namespace.script("migrate", Behaviour::exits(0, ""));
    let words = ["deploy", "-f", "k8s", "--namespace", namespace.name()];
    let said = boatyard.said(
        boatyard
            .command(words)
            .env("KUBECONFIG", cluster.kubeconfig()),
    );
    println!("a quota:\n{}", said.err);
    assert_eq!(said.code, 3, "{}", said.err);
    for part in [
        "what it had made was removed",
        "cannot apply Deployment/web",
        "exceeded quota: few",
        "help: raise the namespace's quota",
    ] {
        assert!(said.err.contains(part), "no {part:?} in {}", said.err);
    }
}
