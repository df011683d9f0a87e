//! The server of the previews as a project on the node, and the namespace in which it has images built.

use std::fs;
use std::path::Path;
use std::process::Command;

use boatyard_kubetest::Namespace;

use crate::shop::{Shop, change};
use crate::support::{BOATYARD, boatyard, copy_folder, root, succeed};

/// The server's project, and where builders are.
pub struct Harbour {
    /// Where builders are admitted.
    pub builders: Namespace<'static>,
    folder: tempfile::TempDir,
}

impl Harbour {
    /// A copy of the project in `deploy/serve` that says this to its server, which is told where builders are.
    pub fn new(shop: &Shop, configuration: impl FnOnce(&str) -> String) -> Self {
        let builders = shop.cluster.namespace();
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path();
        copy_folder(&root().join("deploy/serve"), project);
        fs::create_dir_all(project.join("bin")).unwrap();
        // What a release has, as far as it matters here: without what is for debuggers only.
        let strip = ["-o".into(), project.join("bin/boatyard"), BOATYARD.into()];
        succeed(Command::new("strip").args(strip));
        fs::write(project.join("serve.toml"), configuration(builders.name())).unwrap();
        let file = project.join("boatyard.toml");
        let text = fs::read_to_string(&file).unwrap();
        let prefix = format!("{}/harbour", shop.cluster.registry());
        let plain = format!(
            "env = {{ BOATYARD_PLAIN_HTTP = \"{}\" }}",
            shop.cluster.registry_of_pods()
        );
        let text = text
            .replace("debian:trixie", "debian:bookworm")
            .replace("secrets = [\"boatyard-tokens\"]", &plain)
            .replacen("[image]", &format!("[image]\nprefix = \"{prefix}\""), 1);
        fs::write(&file, text).unwrap();
        Self { builders, folder }
    }

    /// The project's folder.
    pub fn project(&self) -> &Path {
        self.folder.path()
    }

    /// Builds its image: outside, where packages come from.
    pub fn build(&self, shop: &Shop) {
        let build = ["build", "--variant", "k8s"];
        succeed(boatyard(shop.home(), self.project()).args(build));
    }

    /// Changes what the project says: `old`, which is there, becomes `new`.
    pub fn change(&self, old: &str, new: &str) {
        change(self.project(), "boatyard.toml", old, new);
    }

    /// Deploys it, in the cluster's network.
    pub fn deploy(&self, shop: &Shop, namespace: &str) {
        let words = ["deploy", "--push", "--timeout", "300s", "-n", namespace];
        let mut command = boatyard(shop.home(), self.project());
        let command = command.args(words);
        succeed(command.env("KUBECONFIG", shop.cluster.kubeconfig()));
    }
}
