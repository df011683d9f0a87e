//! What is new, what has changed, what failed, and where it went.

use boatyard_kubetest::{Behaviour, Cluster, kubectl};

use crate::boatyard::Boatyard;
use crate::{PROJECT, manifests, ours};

#[test]
fn deployed_changed_and_undone() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let namespace = cluster.namespace();
    let boatyard = Boatyard::new();
    boatyard.file("boatyard.toml", PROJECT);
    let deploy = |version: u32, more: &[&str]| {
        boatyard.file("k8s/all.yaml", &manifests(version));
        let words = ["deploy", "-f", "k8s", "-n", namespace.name()];
        let mut command = boatyard.command(words.iter().chain(more));
        boatyard.said(command.env("KUBECONFIG", cluster.kubeconfig()))
    };
    let image = || {
        let path = "jsonpath={.spec.template.spec.containers[0].image}";
        ours(
            &mut kubectl().unwrap(),
            cluster,
            &[
                "-n",
                namespace.name(),
                "get",
                "deployment",
                "web",
                "-o",
                path,
            ],
        )
    };

    let said = deploy(1, &["--dry-run"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(
        said.out.starts_with("would run Job/migrate\n"),
        "{}",
        said.out
    );
    assert!(said.out.contains("+++ b/Deployment/web\n"), "{}", said.out);

    let said = deploy(1, &[]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(
        said.out,
        format!(
            "deployed to {}: 2 objects, 2 changed, 0 removed\n",
            namespace.name()
        )
    );
    let order = [
        "created  ConfigMap/settings",
        "running   Job/migrate",
        "created  Deployment/web",
        "ready    Deployment/web",
    ];
    let places: Vec<_> = order.iter().map(|line| said.err.find(line)).collect();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{}",
        said.err
    );
    assert_eq!(image(), "shop:1");

    let said = deploy(1, &["--dry-run"]);
    assert_eq!(said.out, "would run Job/migrate\n");
    let said = deploy(2, &["--dry-run"]);
    assert!(
        said.out
            .contains("-      - image: shop:1\n+      - image: shop:2\n"),
        "{}",
        said.out
    );

    namespace.script("web", Behaviour::crash_loops(1, "no module named shop"));
    let said = deploy(2, &["--json"]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(
        said.err.contains("what was there before is back"),
        "{}",
        said.err
    );
    assert!(said.err.contains("| no module named shop"), "{}", said.err);
    let kinds: Vec<String> = said
        .out
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter_map(|line| Some(line.get("event")?.as_str()?.to_owned()))
        .collect();
    assert!(kinds.iter().any(|kind| kind == "undoes"), "{kinds:?}");
    assert!(
        said.out.lines().last().unwrap().starts_with("{\"error\":"),
        "{}",
        said.out
    );
    assert_eq!(image(), "shop:1");
}

/// A flag is stronger than what the project says, for what is rendered, too.
#[test]
fn all_of_it_is_in_the_namespace_that_is_named() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let (flag, said) = (cluster.namespace(), cluster.namespace());
    let boatyard = Boatyard::new();
    let project = format!("{PROJECT}[deploy]\nnamespace = \"{}\"\n", said.name());
    boatyard.file("boatyard.toml", &project);
    for (words, namespace) in [(&["-n", flag.name()][..], &flag), (&[], &said)] {
        let words = [&["deploy", "--tag", "1"], words].concat();
        let mut command = boatyard.command(words);
        let said = boatyard.said(command.env("KUBECONFIG", cluster.kubeconfig()));
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        let there = ours(
            &mut kubectl().unwrap(),
            cluster,
            &[
                "-n",
                namespace.name(),
                "get",
                "deployment,lease,secret",
                "-o",
                "name",
            ],
        );
        for part in [
            "deployment.apps/",
            "lease.coordination.k8s.io/boatyard-shop",
            "secret/boatyard-shop",
        ] {
            assert!(there.contains(part), "no {part:?} in {there}");
        }
    }
}

/// Stock kubectl finds nothing that differs from what we render, after we have deployed it.
#[test]
fn kubectl_agrees() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let namespace = cluster.namespace();
    let boatyard = Boatyard::new();
    let jobs = "[job.migrate]\ncommand = \"migrate\"\nwhen = \"before-deploy\"\n[schedule.clean]\ncron = \"0 3 * * *\"\ncommand = \"clean\"\n";
    boatyard.file(
        "boatyard.toml",
        &(PROJECT.to_owned() + "port = 8080\n" + jobs),
    );
    let words = ["--tag", "1", "-n", namespace.name()];
    let mut command = boatyard.command([&["deploy"], &words[..]].concat());
    let said = boatyard.said(command.env("KUBECONFIG", cluster.kubeconfig()));
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let rendered = boatyard.run([&["render", "k8s"], &words[..]].concat());
    assert_eq!(rendered.code, 0, "{}", rendered.err);
    boatyard.file("all.yaml", &rendered.out);
    let file = boatyard.project().join("all.yaml");
    let file = file.to_str().unwrap();
    // Exits with 1 where something differs.
    for more in [&[][..], &["--server-side"]] {
        let words = [&["-n", namespace.name(), "diff", "-f", file], more].concat();
        assert_eq!(ours(&mut kubectl().unwrap(), cluster, &words), "");
    }
}
