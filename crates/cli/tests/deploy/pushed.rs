//! Images that are built and pushed for a deploy.

use boatyard_kubetest::{Cluster, kubectl};

use crate::boatyard::Boatyard;
use crate::distribution::Registry;
use crate::{PROJECT, ours};

/// Built, pushed, and applied as what it is: whatever is called that later is not what runs.
#[test]
fn what_is_pushed_is_pinned() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let Some(registry) = Registry::start("a deploy with --push", false) else {
        return;
    };
    let namespace = cluster.namespace();
    let boatyard = Boatyard::new();
    let prefix = format!("127.0.0.1:{}/team", registry.port);
    let project = |prefix: &str| {
        let image = format!("base = \"scratch\"\nprefix = \"{prefix}\"");
        PROJECT.replace("base = \"debian:bookworm\"", &image)
            + "[job.migrate]\ncommand = [\"/usr/bin/boatyard-init\"]\nwhen = \"before-deploy\"\n"
    };
    let deploy = |more: &[&str]| {
        let words = [&["deploy", "-n", namespace.name()], more].concat();
        let mut command = boatyard.command(words);
        boatyard.said(command.env("KUBECONFIG", cluster.kubeconfig()))
    };
    boatyard.file("boatyard.toml", &project("team"));
    let said = deploy(&["--push"]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(
        said.err.contains("team/app") && said.err.contains("prefix ="),
        "{}",
        said.err
    );

    boatyard.file("boatyard.toml", &project(&prefix));
    let said = deploy(&["--push"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    for part in ["push 127.0.0.1", "ready    Deployment/"] {
        assert!(said.err.contains(part), "no {part:?} in {}", said.err);
    }
    let images = "jsonpath={.items[*].spec.template.spec.containers[*].image}";
    let words = [
        "-n",
        namespace.name(),
        "get",
        "deployment,job",
        "-o",
        images,
    ];
    let images = ours(&mut kubectl().unwrap(), cluster, &words);
    let images: Vec<&str> = images.split(' ').collect();
    assert_eq!(images.len(), 2, "{images:?}");
    for image in images {
        assert!(
            image.starts_with(&format!("{prefix}/app")) && image.contains("@sha256:"),
            "{image}"
        );
        // It is in the registry under this very name.
        let said = boatyard.run(["image", "pull", image]);
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    }
    // Nothing has changed, so nothing is rolled out again.
    let said = deploy(&["--push", "--json"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let last = said.out.lines().last().unwrap();
    assert!(last.contains("\"changed\":0"), "{last}");
}
