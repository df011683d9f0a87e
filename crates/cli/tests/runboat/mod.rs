//! Kubefiles of a shop as teams of runboat have them, and the table of a server that makes environments by them.
//!
//! A page on a volume: set up by the job of `initialize`, shown by the Deployment, and removed by the job of `cleanup`. The image is busybox,
//! and has the page of its commit.

use std::path::{Path, PathBuf};

const FILES: [(&str, &str); 4] = [
    (
        "kustomization.yaml.jinja",
        include_str!("kustomization.yaml.jinja"),
    ),
    ("web.yaml", include_str!("web.yaml")),
    ("initialize.yaml.jinja", include_str!("job.yaml.jinja")),
    ("cleanup.yaml.jinja", include_str!("job.yaml.jinja")),
];

/// Writes them into a folder of their own; where that is.
pub fn kubefiles(folder: &Path) -> PathBuf {
    let folder = folder.join("kubefiles");
    std::fs::create_dir(&folder).unwrap();
    for (name, text) in FILES {
        let kind = name.trim_end_matches(".yaml.jinja");
        let work = match kind {
            "initialize" => "cp /page /data/index.html",
            _ => "rm /data/index.html",
        };
        let text = text.replace("KIND", kind).replace("WORK", work);
        std::fs::write(folder.join(name), text).unwrap();
    }
    folder
}

/// What the configuration of a server says of them: all environments in a namespace that is there, or each in one of its own.
pub fn table(folder: &Path, prefix: &str, namespace: Option<&str>, image: &str) -> String {
    let namespace = namespace.map(|name| format!("namespace = \"{name}\"\n"));
    format!(
        "[cluster]\nprefix = \"{prefix}\"\n[cluster.quota]\npods = 7\n\
         [cluster.kubefiles]\nfolder = \"{}\"\n{}image = \"{image}\"\n\
         env = {{ LANG = \"C\" }}\nsecret-env = {{ KEY = {{ value = \"sesame\" }} }}\n",
        folder.display(),
        namespace.unwrap_or_default(),
    )
}
