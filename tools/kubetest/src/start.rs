//! The components of a control plane, and how each is started.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde_json::json;

use crate::authority::Authority;
use crate::node::ADDRESS;

/// A component.
pub struct Component {
    /// Its name.
    pub name: &'static str,
    /// What starts it: a program and its arguments.
    pub words: Vec<String>,
}

/// How the program is started.
pub struct Launcher {
    program: PathBuf,
    /// Words before it, of what leads to where it is to run.
    place: Vec<String>,
}

impl Launcher {
    /// One of `program`, here.
    pub fn new(program: PathBuf) -> Self {
        Self {
            program,
            place: Vec::new(),
        }
    }

    /// The same, where the words of `place` lead to.
    pub fn in_place(&self, place: Vec<String>) -> Self {
        Self {
            program: self.program.clone(),
            place,
        }
    }

    /// The program's component `name`.
    pub fn component(&self, name: &'static str, flags: &[String]) -> Component {
        let program = [self.program.display().to_string(), name.to_owned()];
        Component {
            name,
            words: [self.place.as_slice(), &program, flags].concat(),
        }
    }
}

/// What the API server writes down, and where.
const AUDIT_POLICY: &str = "audit-policy.json";
pub const AUDIT_LOG: &str = "audit.log";

/// What accounts of pods have asked for, and nothing else.
fn policy() -> serde_json::Value {
    json!({
        "apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived", "ResponseStarted"],
        "rules": [
            {"level": "Metadata", "userGroups": ["system:serviceaccounts"]},
            {"level": "None"},
        ],
    })
}

/// All components of the control plane, first to last, of a cluster whose files are in `folder`. Its administrator's
/// configuration is `kubeconfig` there.
pub fn components(
    folder: &Path,
    launcher: &Launcher,
    ports: [u16; 3],
    is_node_real: bool,
) -> io::Result<Vec<Component>> {
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
    fs::write(folder.join(AUDIT_POLICY), policy().to_string())?;
    let flag = |name: &str, value: &Path| format!("--{name}={}", value.display());
    let controllers = if is_node_real {
        "--controllers=*"
    } else {
        // Ours renews no lease.
        "--controllers=*,-node-lifecycle-controller"
    };
    let (listens, announced, reconciler) = if is_node_real {
        // Pods find it behind the Service `kubernetes`.
        ("0.0.0.0", ADDRESS, "lease")
    } else {
        // No loopback address may be announced; nothing calls this one (RFC 5737), and none is.
        ("127.0.0.1", "192.0.2.1", "none")
    };
    let url = |port| format!("http://127.0.0.1:{port}");
    Ok(vec![
        launcher.component(
            "etcd",
            &[
                flag("data-dir", &folder.join("etcd")),
                format!("--listen-client-urls={}", url(etcd)),
                format!("--advertise-client-urls={}", url(etcd)),
                format!("--listen-peer-urls={}", url(peer)),
                format!("--initial-advertise-peer-urls={}", url(peer)),
                format!("--initial-cluster=default={}", url(peer)),
                // Gone with the test: nothing has to survive a power cut.
                "--unsafe-no-fsync".to_owned(),
            ],
        ),
        launcher.component(
            "kube-apiserver",
            &[
                format!("--etcd-servers={}", url(etcd)),
                format!("--secure-port={server}"),
                format!("--bind-address={listens}"),
                format!("--advertise-address={announced}"),
                format!("--endpoint-reconciler-type={reconciler}"),
                flag("tls-cert-file", &tls.certificate),
                flag("tls-private-key-file", &tls.key),
                flag("client-ca-file", &authority.certificate()),
                // As whom it asks a node.
                flag("kubelet-client-certificate", &administrator.certificate),
                flag("kubelet-client-key", &administrator.key),
                "--authorization-mode=RBAC".to_owned(),
                flag("audit-policy-file", &folder.join(AUDIT_POLICY)),
                flag("audit-log-path", &folder.join(AUDIT_LOG)),
                "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
                flag("service-account-key-file", &accounts.certificate),
                flag("service-account-signing-key-file", &accounts.key),
                "--service-cluster-ip-range=10.96.0.0/16".to_owned(),
                "--kubelet-preferred-address-types=InternalIP".to_owned(),
            ],
        ),
        launcher.component(
            "kube-controller-manager",
            &[
                flag("kubeconfig", &kubeconfig),
                "--secure-port=0".to_owned(),
                "--leader-elect=false".to_owned(),
                controllers.to_owned(),
                // A real one may be late where the machine is busy.
                "--node-monitor-grace-period=30m".to_owned(),
                flag("root-ca-file", &authority.certificate()),
                flag("service-account-private-key-file", &accounts.key),
                "--kube-api-qps=500".to_owned(),
                "--kube-api-burst=1000".to_owned(),
            ],
        ),
        launcher.component(
            "kube-scheduler",
            &[
                flag("kubeconfig", &kubeconfig),
                "--secure-port=0".to_owned(),
                "--leader-elect=false".to_owned(),
            ],
        ),
    ])
}
