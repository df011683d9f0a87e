//! Control groups of the node's own, below which the kubelet puts those of pods.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Makes a group in every hierarchy that is mounted here, with the name of `folder`; returns where they are.
pub fn make(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let name = folder.file_name().unwrap_or_default();
    let mounts = fs::read_to_string("/proc/self/mountinfo")?;
    let groups: Vec<PathBuf> = hierarchies(&mounts)
        .into_iter()
        .map(|root| root.join(name))
        .collect();
    for group in &groups {
        fs::create_dir(group)?;
        inherit(group)?;
    }
    Ok(groups)
}

/// A new group of version 1 has no processors and no memory, and nothing can be put in: it gets what its parent has.
fn inherit(group: &Path) -> io::Result<()> {
    for file in ["cpuset.cpus", "cpuset.mems"] {
        let theirs = group.parent().map(|parent| parent.join(file));
        let theirs = theirs.and_then(|path| fs::read_to_string(path).ok());
        let is_first_version = group.join("cgroup.clone_children").exists();
        if let Some(theirs) = theirs.filter(|_| is_first_version) {
            fs::write(group.join(file), theirs)?;
        }
    }
    Ok(())
}

/// Where hierarchies are mounted, of both versions; see `proc_pid_mountinfo(5)`.
fn hierarchies(mounts: &str) -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> = mounts
        .lines()
        .filter_map(|line| {
            let (fields, kind) = line.split_once(" - ")?;
            let kind = kind.split(' ').next()?;
            let place = fields.split(' ').nth(4)?;
            matches!(kind, "cgroup" | "cgroup2").then(|| place.into())
        })
        .collect();
    places.sort();
    places.dedup();
    places
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::hierarchies;

    #[test]
    fn both_versions_are_found_once() {
        let mounts = "\
22 1 0:20 / /proc rw - proc proc rw
24 1 0:22 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
25 24 0:23 / /sys/fs/cgroup/unified rw shared:9 - cgroup2 cgroup2 rw
26 24 0:24 / /sys/fs/cgroup/memory rw shared:10 - cgroup cgroup rw,memory
27 24 0:24 / /sys/fs/cgroup/memory rw shared:10 - cgroup cgroup rw,memory
";
        let places = ["/sys/fs/cgroup/memory", "/sys/fs/cgroup/unified"].map(Path::new);
        assert_eq!(hierarchies(mounts), places);
    }
}
