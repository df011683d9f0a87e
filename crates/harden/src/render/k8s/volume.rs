//! What can be written: volumes of a pod, and claims.

use boatyard_plan::project::Volume;

use super::name;
use super::object::{Frame, Object};
use crate::render::places::{self, TMP};
use crate::render::yaml::Map;

/// How much may be written there: more of it would fill the machine's disk.
const SCRATCH: &str = "1Gi";

/// What one pod can write to.
#[derive(Clone, Debug)]
pub(super) struct Places<'a> {
    /// Folders that are gone with the pod, each with the name of its volume.
    scratch: Vec<(String, &'a str)>,
    /// Folders that stay.
    kept: Vec<&'a Volume>,
}

impl<'a> Places<'a> {
    /// Those of the process called `process`, which writes to `writable`, too.
    pub fn of(frame: &Frame<'a>, process: &str, writable: &'a [String]) -> Self {
        let kept = places::kept(frame.project, process);
        let mut scratch = vec![("tmp".to_owned(), TMP)];
        for path in places::scratch(&kept, writable) {
            scratch.push((format!("scratch-{}", scratch.len()), path));
        }
        // A volume at /tmp takes the place of what is gone with the pod.
        scratch.retain(|(_, path)| kept.iter().all(|volume| volume.path != *path));
        Self { scratch, kept }
    }

    /// Whether something of it is only for one machine at a time.
    pub fn is_exclusive(&self) -> bool {
        self.kept.iter().any(|volume| !volume.shared)
    }

    /// Whether something stays.
    pub fn is_kept(&self) -> bool {
        !self.kept.is_empty()
    }

    /// `volumeMounts` of the container.
    pub fn mounts(&self) -> Vec<Map> {
        let mount = |name: &str, path: &str| Map::new().set("name", name).set("mountPath", path);
        let scratch = self.scratch.iter().map(|(name, path)| mount(name, path));
        let kept = self.kept.iter();
        scratch
            .chain(kept.map(|volume| mount(&inside(volume), &volume.path)))
            .collect()
    }

    /// `volumes` of the pod.
    pub fn volumes(&self, frame: &Frame<'_>) -> Vec<Map> {
        let scratch = self.scratch.iter().map(|(name, _)| {
            Map::new()
                .set("name", name)
                .set("emptyDir", Map::new().set("sizeLimit", SCRATCH))
        });
        let kept = self.kept.iter().map(|volume| {
            let claim = name::object(&frame.project.name, &volume.name);
            Map::new()
                .set("name", inside(volume))
                .set("persistentVolumeClaim", Map::new().set("claimName", claim))
        });
        scratch.chain(kept).collect()
    }
}

/// The name of a kept volume within a pod, apart from those of scratch folders.
fn inside(volume: &Volume) -> String {
    name::object("kept", &volume.name)
}

/// The claims of the project.
pub(super) fn claims(frame: &Frame<'_>) -> Vec<Object> {
    let volumes = frame.project.deploy.volumes.iter();
    volumes.map(|volume| claim(frame, volume)).collect()
}

fn claim(frame: &Frame<'_>, volume: &Volume) -> Object {
    let (mode, why) = if volume.shared {
        ("ReadWriteMany", "pods on several machines have it at once")
    } else {
        ("ReadWriteOnce", "pods on one machine at a time have it")
    };
    let spec = Map::new()
        .because(why, "accessModes", [mode])
        .maybe("storageClassName", volume.class.as_ref())
        .set(
            "resources",
            Map::new().set("requests", Map::new().set("storage", &volume.size)),
        );
    frame
        .object(
            "v1",
            "PersistentVolumeClaim",
            name::object(&frame.project.name, &volume.name),
            None,
        )
        .with("spec", spec)
}
