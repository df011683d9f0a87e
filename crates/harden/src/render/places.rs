//! Where a process writes beside `/tmp`.

use boatyard_plan::project::{Project, Volume};
use boatyard_plan::run::{self, Process};

/// The folder that every program expects to be able to write to.
pub(super) const TMP: &str = "/tmp";

/// Folders of the role, job or schedule called `name` that outlive it.
pub(super) fn kept<'a>(project: &'a Project, name: &str) -> Vec<&'a Volume> {
    let volumes = project.deploy.volumes.iter();
    volumes
        .filter(|volume| volume.of.iter().any(|one| one == name))
        .collect()
}

/// Those of `process`; what runs the schedules of an image has those of all of them.
pub(super) fn kept_by<'a>(project: &'a Project, process: &Process) -> Vec<&'a Volume> {
    let mut all = kept(project, &process.name);
    if process.args == ["cron"] {
        for schedule in &project.schedules {
            if run::scheduled(project, schedule).image == process.image {
                all.extend(kept(project, &schedule.name));
            }
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all.dedup();
    all
}

/// Those of `writable` that are gone with the process, each once.
pub(super) fn scratch<'a>(kept: &[&Volume], writable: &'a [String]) -> Vec<&'a str> {
    let mut scratch: Vec<&str> = Vec::new();
    for path in writable.iter().map(String::as_str) {
        let is_kept = kept.iter().any(|volume| volume.path == path);
        if path != TMP && !is_kept && !scratch.contains(&path) {
            scratch.push(path);
        }
    }
    scratch
}

/// Folders that `process` writes to and that are gone with it.
pub(super) fn scratch_of<'a>(project: &'a Project, process: &Process) -> Vec<&'a str> {
    let role = project.roles.iter().find(|role| role.name == process.name);
    let writable = role.map_or(&[][..], |role| &role.placement.writable);
    scratch(&kept_by(project, process), writable)
}

/// What a volume is called beside those of backing services.
pub(super) fn kept_name(volume: &Volume) -> String {
    format!("kept-{}", volume.name)
}
