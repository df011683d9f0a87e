//! The kinds of the Gateway API, as its project publishes them: files of a Go module.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::cluster::Cluster;
use crate::expected::Lack;
use crate::program::kubectl;

const MODULE: &str = "sigs.k8s.io/gateway-api";
/// Where its definitions are that are to stay as they are.
const DEFINITIONS: &str = "config/crd/standard";
const KINDS: [&str; 2] = ["gateways", "httproutes"];

impl Cluster {
    /// Has the cluster know `Gateway` and `HTTPRoute`, with the schemas that clusters of others have; false: they cannot be had here, which
    /// was said.
    ///
    /// # Panics
    ///
    /// If the cluster does not take them, or if they are expected here and not there.
    pub fn with_gateways(&self) -> bool {
        let folder = match module() {
            Ok(folder) => folder.join(DEFINITIONS),
            Err(reason) => {
                Lack::Absent(reason).tell();
                return false;
            }
        };
        for kind in KINDS {
            let name = format!("{kind}.gateway.networking.k8s.io");
            let file = folder.join(format!("gateway.networking.k8s.io_{kind}.yaml"));
            // Too long for the annotation that other ways to apply it write.
            let apply = ["apply", "--server-side", "-f"].map(str::to_owned).to_vec();
            self.told([apply, vec![file.display().to_string()]].concat());
            let wait = format!("wait --for=condition=Established --timeout=60s crd/{name}");
            self.told(wait.split(' ').map(str::to_owned).collect());
        }
        true
    }

    fn told(&self, words: Vec<String>) {
        let _inside = self.enter();
        let mut command = kubectl().expect("there is a cluster");
        let command = command.args(words).env("KUBECONFIG", self.kubeconfig());
        let output = command.output().expect("it is a program");
        assert!(output.status.success(), "{command:?}: {}", errors(&output));
    }
}

/// The folder of the module, which Go's cache has or gets; its digest is in go.sum.
fn module() -> Result<PathBuf, String> {
    let absent = |why: &str| format!("no Gateway API for tests here: {why}");
    let output = Command::new("go")
        .args(["mod", "download", "-json", MODULE])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("gateway"))
        .env("GOTOOLCHAIN", "local")
        .env("GOFLAGS", "-mod=readonly")
        .output()
        .map_err(|error| absent(&format!("go: {error}")))?;
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let folder = told["Dir"].as_str().map(PathBuf::from);
    folder.ok_or_else(|| {
        let why = told["Error"].as_str().map(str::to_owned);
        absent(why.unwrap_or_else(|| errors(&output)).trim())
    })
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
