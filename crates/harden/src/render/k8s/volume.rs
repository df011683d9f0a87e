//! What can be written: volumes of a pod, and claims.

use boatyard_plan::backing::DATA;
use boatyard_plan::project::{Backing, Hosting, Volume};

use super::name;
use super::object::{Frame, Object};
use crate::render::places::{self, TMP};
use crate::render::yaml::Map;

/// How much may be written there: more of it would fill the machine's disk.
const SCRATCH: &str = "1Gi";

/// What one pod can write to.
#[derive(Clone, Debug)]
pub(super) struct Places<'a> {
    /// Folders that are gone with the pod.
    scratch: Vec<Scratch<'a>>,
    /// Folders that stay.
    kept: Vec<Kept<'a>>,
}

#[derive(Clone, Debug)]
struct Scratch<'a> {
    /// The name of the volume within the pod.
    inside: String,
    path: &'a str,
    /// How much may be written there.
    size: &'a str,
}

#[derive(Clone, Debug)]
struct Kept<'a> {
    /// The name of the volume within the pod.
    inside: String,
    path: &'a str,
    claim: String,
    shared: bool,
}

impl<'a> Places<'a> {
    /// Those of the process called `process`, which writes to `writable`, too.
    pub fn of(frame: &Frame<'a>, process: &str, writable: &'a [String]) -> Self {
        let kept = places::kept(frame.project, process);
        let mut scratch = vec![Scratch::tmp()];
        for path in places::scratch(&kept, writable) {
            scratch.push(Scratch {
                inside: format!("scratch-{}", scratch.len()),
                path,
                size: SCRATCH,
            });
        }
        // A volume at /tmp takes the place of what is gone with the pod.
        scratch.retain(|one| kept.iter().all(|volume| volume.path != one.path));
        let kept = kept.into_iter().map(|volume| Kept {
            inside: inside(volume),
            path: &volume.path,
            claim: name::object(&frame.project.name, &volume.name),
            shared: volume.shared,
        });
        Self {
            scratch,
            kept: kept.collect(),
        }
    }

    /// Those of a backing service.
    pub fn of_backing(frame: &Frame<'_>, backing: &'a Backing) -> Self {
        let inside = "data".to_owned();
        let mut places = Self {
            scratch: vec![Scratch::tmp()],
            kept: Vec::new(),
        };
        if backing.cluster == Hosting::Kept {
            places.kept.push(Kept {
                inside,
                path: DATA,
                claim: name::claim(&frame.project.name, &backing.name),
                shared: false,
            });
        } else {
            places.scratch.push(Scratch {
                inside,
                path: DATA,
                size: backing.size(),
            });
        }
        places
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
        let scratch = self.scratch.iter().map(|one| mount(&one.inside, one.path));
        let kept = self.kept.iter().map(|one| mount(&one.inside, one.path));
        scratch.chain(kept).collect()
    }

    /// `volumes` of the pod.
    pub fn volumes(&self) -> Vec<Map> {
        let scratch = self.scratch.iter().map(|one| {
            Map::new()
                .set("name", &one.inside)
                .set("emptyDir", Map::new().set("sizeLimit", one.size))
        });
        let kept = self.kept.iter().map(|one| {
            let claim = Map::new().set("claimName", &one.claim);
            Map::new()
                .set("name", &one.inside)
                .set("persistentVolumeClaim", claim)
        });
        scratch.chain(kept).collect()
    }
}

impl Scratch<'_> {
    fn tmp() -> Self {
        Self {
            inside: "tmp".to_owned(),
            path: TMP,
            size: SCRATCH,
        }
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
    let spec = request(&volume.size, volume.class.as_deref(), volume.shared);
    frame
        .object(
            "v1",
            "PersistentVolumeClaim",
            name::object(&frame.project.name, &volume.name),
            None,
        )
        .with("spec", spec)
}

/// `spec` of a claim; `shared`: whether pods on several machines have it at once.
pub(super) fn request(size: &str, class: Option<&str>, shared: bool) -> Map {
    let (mode, why) = if shared {
        ("ReadWriteMany", "pods on several machines have it at once")
    } else {
        ("ReadWriteOnce", "pods on one machine at a time have it")
    };
    Map::new()
        .because(why, "accessModes", [mode])
        .maybe("storageClassName", class)
        .set(
            "resources",
            Map::new().set("requests", Map::new().set("storage", size)),
        )
}
