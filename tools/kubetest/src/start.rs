//! The components of a control plane, and how each is started.

use std::path::Path;
use std::{fs, io};

use serde_json::json;

use crate::authority::Authority;

/// A component and its flags.
pub struct Component {
    /// Its name: the first word to the program.
    pub name: &'static str,
    /// Its flags.
    pub flags: Vec<String>,
}

/// All components, first to last, of a cluster whose files are in `folder`. Its administrator's configuration is
/// `kubeconfig` there.
pub fn components(folder: &Path, ports: [u16; 3]) -> io::Result<[Component; 4]> {
    let [etcd, peer, server] = ports;
    let authority = Authority::new(folder)?;
    let tls = authority.server("kube-apiserver")?;
    let administrator = authority.client("administrator", "system:masters")?;
    authority.server("kubelet")?;
    let accounts = authority.server("accounts")?;
    let configuration = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "kubetest",
        "clusters": [{"name": "kubetest", "cluster": {
            "server": format!("https://127.0.0.1:{server}"), "certificate-authority": authority.certificate(),
        }}],
        "users": [{"name": "administrator", "user": {
            "client-certificate": administrator.certificate, "client-key": administrator.key,
        }}],
        "contexts": [{"name": "kubetest", "context": {"cluster": "kubetest", "user": "administrator"}}],
    });
    let kubeconfig = folder.join("kubeconfig");
    fs::write(&kubeconfig, configuration.to_string())?;
    let flag = |name: &str, value: &Path| format!("--{name}={}", value.display());
    let url = |port| format!("http://127.0.0.1:{port}");
    Ok([
        Component {
            name: "etcd",
            flags: vec![
                flag("data-dir", &folder.join("etcd")),
                format!("--listen-client-urls={}", url(etcd)),
                format!("--advertise-client-urls={}", url(etcd)),
                format!("--listen-peer-urls={}", url(peer)),
                format!("--initial-advertise-peer-urls={}", url(peer)),
                format!("--initial-cluster=default={}", url(peer)),
                // Gone with the test: nothing has to survive a power cut.
                "--unsafe-no-fsync".to_owned(),
            ],
        },
        Component {
            name: "kube-apiserver",
            flags: vec![
                format!("--etcd-servers={}", url(etcd)),
                format!("--secure-port={server}"),
                "--bind-address=127.0.0.1".to_owned(),
                // No loopback address is accepted here; nothing calls this one (RFC 5737), and none is announced.
                "--advertise-address=192.0.2.1".to_owned(),
                "--endpoint-reconciler-type=none".to_owned(),
                flag("tls-cert-file", &tls.certificate),
                flag("tls-private-key-file", &tls.key),
                flag("client-ca-file", &authority.certificate()),
                "--authorization-mode=RBAC".to_owned(),
                "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
                flag("service-account-key-file", &accounts.certificate),
                flag("service-account-signing-key-file", &accounts.key),
                "--service-cluster-ip-range=10.96.0.0/16".to_owned(),
                "--kubelet-preferred-address-types=InternalIP".to_owned(),
            ],
        },
        Component {
            name: "kube-controller-manager",
            flags: vec![
                flag("kubeconfig", &kubeconfig),
                "--secure-port=0".to_owned(),
                "--leader-elect=false".to_owned(),
                // Our node renews no lease.
                "--controllers=*,-node-lifecycle-controller".to_owned(),
                flag("root-ca-file", &authority.certificate()),
                flag("service-account-private-key-file", &accounts.key),
                "--kube-api-qps=500".to_owned(),
                "--kube-api-burst=1000".to_owned(),
            ],
        },
        Component {
            name: "kube-scheduler",
            flags: vec![
                flag("kubeconfig", &kubeconfig),
                "--secure-port=0".to_owned(),
                "--leader-elect=false".to_owned(),
            ],
        },
    ])
}
