//! A pod that the restricted profile admits (Pod Security Standards, version 1.36).

use boatyard_plan::project::User;

use super::object::Frame;
use super::volume::Places;
use crate::render::yaml::{Map, Tree};

/// Ports below this one are root's, where the kernel is not told otherwise.
const FIRST_FREE: u16 = 1024;

/// A pod to be filled.
#[derive(Clone, Debug)]
pub(super) struct Pod<'a> {
    /// Its one container.
    pub container: Map,
    /// What it can write to.
    pub places: Places<'a>,
    /// The port that it listens on.
    pub port: Option<u16>,
    /// Fields of `spec` beside the usual ones.
    pub more: Map,
    /// Annotations.
    pub annotations: Map,
    /// Who runs it.
    pub user: &'a User,
    /// Its labels.
    pub labels: Map,
    /// The account that it has a token of; none: it has none.
    pub account: Option<String>,
    /// What ends before its container begins.
    pub first: Vec<Map>,
}

/// `template` of what runs `pod`.
pub(super) fn template(frame: &Frame<'_>, pod: Pod<'_>) -> Map {
    let mut metadata = Map::new().set("labels", pod.labels);
    if !pod.annotations.is_empty() {
        metadata = metadata.set("annotations", pod.annotations);
    }
    let security = security(frame, pod.user, &pod.places, pod.port);
    let pull = frame.project.deploy.pull_secret.as_ref();
    let asks = match &pod.account {
        Some(account) => Map::new().set("serviceAccountName", account).because(
            "it asks the API server for what its rights say, and nothing else",
            "automountServiceAccountToken",
            true,
        ),
        None => Map::new()
            .set("serviceAccountName", &frame.project.name)
            .because(
                "the application never asks the API server, and whoever breaks in cannot either",
                "automountServiceAccountToken",
                false,
            ),
    };
    let mut spec = asks
        .because(
            "variables such as REDIS_PORT=tcp://... of every Service around only confuse programs",
            "enableServiceLinks",
            false,
        )
        .maybe(
            "imagePullSecrets",
            pull.map(|name| [Map::new().set("name", name)]),
        );
    spec.entries.extend(pod.more.entries);
    let spec = spec
        .set("securityContext", security)
        .maybe(
            "initContainers",
            (!pod.first.is_empty()).then_some(pod.first),
        )
        .set("containers", [pod.container])
        .because(
            "what can be written: the rest of the file system cannot",
            "volumes",
            pod.places.volumes(),
        );
    Map::new().set("metadata", metadata).set("spec", spec)
}

/// Rights of the pod.
fn security(frame: &Frame<'_>, user: &User, places: &Places<'_>, port: Option<u16>) -> Map {
    let user = nobody_special(user);
    let mut map = Map::new().because(
        "the kubelet refuses an image that would run as root",
        "runAsNonRoot",
        true,
    );
    // OpenShift gives each namespace users of its own, and refuses others.
    if !frame.is_openshift() {
        map = map
            .because(
                "numbers, since a name cannot be proven not to be root: those of the image's user",
                "runAsUser",
                user.uid,
            )
            .set("runAsGroup", user.gid);
        if places.is_kept() {
            map = map
                .because(
                    "a new volume belongs to root: it gets this group",
                    "fsGroup",
                    user.gid,
                )
                .set("fsGroupChangePolicy", "OnRootMismatch");
        }
    }
    map = map.because(
        "without it every system call of the kernel is open",
        "seccompProfile",
        Map::new().set("type", "RuntimeDefault"),
    );
    if port.is_some_and(|port| port < FIRST_FREE) {
        map = map.because(
            "a port below 1024 without a capability; the restricted profile admits this setting",
            "sysctls",
            Tree::from([Map::new()
                .set("name", "net.ipv4.ip_unprivileged_port_start")
                .set("value", "0")]),
        );
    }
    map
}

/// Rights of a container.
pub(super) fn rights() -> Map {
    Map::new()
        .because(
            "no setuid program gives back what was taken",
            "allowPrivilegeEscalation",
            false,
        )
        .because(
            "whoever breaks in cannot change the application",
            "readOnlyRootFilesystem",
            true,
        )
        .because(
            "an application needs none of them",
            "capabilities",
            Map::new().set("drop", ["ALL"]),
        )
}

/// Who runs the k8s form of the project's images: nobody runs it as root.
fn nobody_special(user: &User) -> User {
    if user.uid == 0 {
        User::default()
    } else {
        user.clone()
    }
}
