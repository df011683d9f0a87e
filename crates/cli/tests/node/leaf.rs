//! A project of one page, small enough to be built in a pod: its base is pulled from the registry, and one command runs.

use std::fs;
use std::path::Path;

use boatyard_kubetest::Cluster;

use crate::support::{boatyard, busybox, succeed};

/// Writes it to a folder, to be built where `registry` is the registry.
pub fn write(folder: &Path, registry: &str) {
    let dockerfile = format!(
        "FROM {registry}/busybox:1\nRUN [\"/bin/busybox\", \"sh\", \"-c\", \"/bin/busybox id -u > /built\"]\n"
    );
    let project = "[project]\nname = \"leaf\"\n\
        [image]\nbase = { dockerfile = \"Dockerfile\" }\n\
        [service.app]\ncopy = [\"page\"]\nroles = [\"web\"]\n\
        [role.web]\ncommand = [\"/bin/busybox\", \"httpd\", \"-f\", \"-p\", \"8080\", \"-h\", \"/app/page\"]\n\
        port = 8080\nready = \"http://:8080/\"\n";
    fs::create_dir_all(folder.join("page")).unwrap();
    fs::write(folder.join("Dockerfile"), dockerfile).unwrap();
    fs::write(folder.join("boatyard.toml"), project).unwrap();
    say(folder, "first");
}

/// Its page says `word`.
pub fn say(folder: &Path, word: &str) {
    let page = format!("<title>{word}</title>\n");
    fs::write(folder.join("page/index.html"), page).unwrap();
}

/// What it starts from, in the registry of the cluster.
pub fn push_base(cluster: &Cluster, home: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let context = folder.path();
    fs::copy(
        busybox().expect("busybox-static is installed"),
        context.join("busybox"),
    )
    .unwrap();
    let words = "FROM scratch\nCOPY busybox /bin/busybox\n";
    fs::write(context.join("Dockerfile"), words).unwrap();
    let name = format!("{}/busybox:1", cluster.registry());
    let build = ["build", "-f", "Dockerfile", "-t", &name, "."];
    succeed(boatyard(home, context).args(build));
    let _inside = cluster.enter();
    succeed(boatyard(home, context).args(["image", "push", &name]));
}
