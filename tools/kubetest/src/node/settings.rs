//! The components of a node, and the files that say how they run.

use std::path::Path;
use std::{fs, io};

use serde_json::json;

use super::names::DOMAIN;
use super::place::Place;
use crate::start::{Component, Launcher};

/// The node's name.
pub const NAME: &str = "kubetest";
/// Its registry.
pub const REGISTRY: &str = "127.0.0.1:5000";
/// The same as pods reach it.
pub const REGISTRY_OF_PODS: &str = "10.99.0.1:5000";
/// The node's own address.
pub const ADDRESS: &str = "10.99.0.1";
/// Those of pods.
const PODS: &str = "10.244.0.0/24";

/// Where containerd listens, if the node's files are in `folder`.
pub fn socket(folder: &Path) -> std::path::PathBuf {
    folder.join("containerd.sock")
}

/// All components, first to last: what pulls and runs comes after what it asks.
pub fn components(folder: &Path, launcher: &Launcher, place: &Place) -> io::Result<Vec<Component>> {
    let path = |name: &str| folder.join(name).display().to_string();
    fs::write(path("registry.yml"), registry(folder))?;
    fs::write(path("containerd.toml"), containerd(folder))?;
    for name in [REGISTRY, REGISTRY_OF_PODS] {
        fs::create_dir_all(path(&format!("certs.d/{name}")))?;
        // Version 1.6 takes no file without a table for a host.
        let hosts = format!(
            "server = \"http://{REGISTRY}\"\n[host.\"http://{REGISTRY}\"]\ncapabilities = [\"pull\", \"resolve\"]\n"
        );
        fs::write(path(&format!("certs.d/{name}/hosts.toml")), hosts)?;
    }
    fs::create_dir(path("cni"))?;
    fs::write(path("cni/pods.conflist"), network())?;
    fs::write(path("kubelet.json"), kubelet(folder))?;
    let external = |prefix: Vec<String>, name: &'static str, words: &[String]| Component {
        name,
        words: [prefix.as_slice(), &[name.to_owned()], words].concat(),
    };
    let nodes = launcher.in_place(place.in_all());
    Ok(vec![
        external(
            place.in_network(),
            "docker-registry",
            &["serve".to_owned(), path("registry.yml")],
        ),
        external(
            place.in_all(),
            "containerd",
            &["--config".to_owned(), path("containerd.toml")],
        ),
        nodes.component(
            "kubelet",
            &[
                format!("--kubeconfig={}", path("kubeconfig")),
                format!("--config={}", path("kubelet.json")),
                format!("--root-dir={}", path("kubelet")),
                format!("--cert-dir={}", path("kubelet-certificates")),
                format!("--hostname-override={NAME}"),
                format!("--node-ip={ADDRESS}"),
            ],
        ),
        launcher.component(
            "kube-proxy",
            &[
                format!("--kubeconfig={}", path("kubeconfig")),
                format!("--hostname-override={NAME}"),
                "--proxy-mode=nftables".to_owned(),
                format!("--cluster-cidr={PODS}"),
                // What the machine tracks is not for a namespace to change.
                "--conntrack-max-per-core=0".to_owned(),
                "--conntrack-min=0".to_owned(),
                "--conntrack-tcp-timeout-established=0".to_owned(),
                "--conntrack-tcp-timeout-close-wait=0".to_owned(),
            ],
        ),
    ])
}

fn registry(folder: &Path) -> String {
    let data = folder.join("registry");
    format!(
        "version: 0.1\nlog:\n  level: warn\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: 0.0.0.0:5000\n",
        data.display()
    )
}

/// Of version 1.6, which Debian 12 has, and later ones that read the same.
fn containerd(folder: &Path) -> String {
    let path = |name: &str| folder.join(name).display().to_string();
    let plugin = "plugins.\"io.containerd.grpc.v1.cri\"";
    format!(
        "version = 2
root = \"{root}\"
state = \"/run/containerd\"
[grpc]
address = \"{socket}\"
[{plugin}]
sandbox_image = \"{REGISTRY}/pause:1\"
# Without CAP_SYS_RESOURCE no process may be made less likely to be killed than containerd is.
restrict_oom_score_adj = true
[{plugin}.cni]
bin_dir = \"/usr/lib/cni\"
conf_dir = \"{networks}\"
[{plugin}.registry]
config_path = \"{registries}\"
[{plugin}.containerd.runtimes.runc]
runtime_type = \"io.containerd.runc.v2\"
[{plugin}.containerd.runtimes.runc.options]
SystemdCgroup = false
",
        root = path("containerd"),
        socket = socket(folder).display(),
        networks = path("cni"),
        registries = path("certs.d"),
    )
}

/// Each pod on a pair of devices of its own: all packets pass the rules of services, which a bridge would not do
/// everywhere.
fn network() -> String {
    json!({
        "cniVersion": "0.4.0", "name": "pods",
        "plugins": [{"type": "ptp", "ipam": {
            "type": "host-local", "dataDir": "/run/pods",
            "ranges": [[{"subnet": PODS}]], "routes": [{"dst": "0.0.0.0/0"}],
        }}],
    })
    .to_string()
}

fn kubelet(folder: &Path) -> String {
    let group = folder.file_name().map(|name| name.to_string_lossy());
    json!({
        "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": false}, "webhook": {"enabled": false},
            "x509": {"clientCAFile": folder.join("ca.crt")},
        },
        "authorization": {"mode": "AlwaysAllow"},
        "containerRuntimeEndpoint": format!("unix://{}", socket(folder).display()),
        "cgroupDriver": "cgroupfs", "cgroupRoot": format!("/{}", group.unwrap_or_default()),
        "enforceNodeAllocatable": ["pods"],
        // Machines with control groups of version 1 are in use.
        "failCgroupV1": false, "failSwapOn": false,
        "healthzPort": 0,
        // Services have names, and nothing else.
        "clusterDNS": [ADDRESS], "clusterDomain": DOMAIN, "resolvConf": "",
        // It is a test's machine: nothing is thrown out because a disk is full.
        "evictionHard": {
            "memory.available": "0%", "nodefs.available": "0%", "nodefs.inodesFree": "0%",
            "imagefs.available": "0%", "imagefs.inodesFree": "0%",
        },
        "imageGCHighThresholdPercent": 100,
        "makeIPTablesUtilChains": false,
        "serializeImagePulls": false,
        "volumePluginDir": folder.join("plugins"),
    })
    .to_string()
}
