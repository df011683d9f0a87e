//! A pod that the restricted profile admits (Pod Security Standards, version 1.36).

use boatyard_plan::project::User;

use super::object::Frame;
use crate::render::yaml::{Map, Tree};

/// The folder that every program expects to be able to write to.
const TMP: &str = "/tmp";

/// Rights of the pod.
pub(super) fn security(frame: &Frame<'_>) -> Map {
    let user = user(&frame.project.image.user);
    Map::new()
        .because(
            "the kubelet refuses an image that would run as root",
            "runAsNonRoot",
            true,
        )
        .because(
            "numbers, because a name cannot be proven not to be root; those of the image's files",
            "runAsUser",
            user.uid,
        )
        .set("runAsGroup", user.gid)
        .because(
            "without it every system call of the kernel is open",
            "seccompProfile",
            Map::new().set("type", "RuntimeDefault"),
        )
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
            "whoever breaks in cannot change the application; what it writes is mounted below",
            "readOnlyRootFilesystem",
            true,
        )
        .because(
            "a web application needs none",
            "capabilities",
            Map::new().set("drop", ["ALL"]),
        )
}

/// What can be written, mounted.
pub(super) fn mounts() -> Tree {
    [Map::new().set("name", "tmp").set("mountPath", TMP)].into()
}

/// The volumes of the mounts.
pub(super) fn volumes() -> Tree {
    [Map::new().set("name", "tmp").set("emptyDir", Map::new())].into()
}

/// Who runs the k8s form of the project's images: nobody runs it as root.
fn user(user: &User) -> User {
    if user.uid == 0 {
        User::default()
    } else {
        user.clone()
    }
}
