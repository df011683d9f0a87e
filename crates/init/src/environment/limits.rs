//! How much processor and memory the container has, from its control groups, version 1 or 2.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// What the container may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Whole processors, at least 1: half a processor is one for whoever starts a process for each.
    pub cores: u64,
    /// Bytes of memory; none if there is no limit.
    pub memory_bytes: Option<u64>,
}

/// Version 1 writes the largest multiple of a page for "no limit"; no machine has that much.
const UNLIMITED: u64 = 1 << 60;

/// More than any limit.
const NO_LIMIT: u64 = u64::MAX;

/// Where a version of control groups says what.
struct Version {
    /// Whole processors of a folder's quota, or [`NO_LIMIT`]; none where the folder does not say.
    quota: fn(&Path) -> Option<u64>,
    /// The file with the limit of memory.
    memory: &'static str,
}

const ONE: Version = Version {
    quota: |folder| {
        let quota = read(folder, "cpu.cfs_quota_us")?;
        if quota == "-1" {
            return Some(NO_LIMIT);
        }
        Some(whole(&quota, &read(folder, "cpu.cfs_period_us")?))
    },
    memory: "memory.limit_in_bytes",
};

const TWO: Version = Version {
    quota: |folder| {
        let text = read(folder, "cpu.max")?;
        let (quota, period) = text.split_once(' ')?;
        Some(whole(quota, period))
    },
    memory: "memory.max",
};

/// Reads the limits below `root`, the folder of the control groups. `groups` is the text of `/proc/self/cgroup`, and
/// `processors` how many processors the scheduler gives us. The groups between ours and the root limit us too, and inside
/// a container the folders of our own may be missing, so the smallest limit on the way counts. Whatever cannot be read
/// is no limit.
pub fn limits(root: &Path, groups: &str, processors: u64) -> Limits {
    let mut cores = processors;
    let mut memory_bytes = NO_LIMIT;
    // A controller is in one hierarchy only: where version 1 has both, the folders of version 2 need not be tried.
    let (mut has_cores, mut has_memory) = (false, false);
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':');
        let (_, controllers, path) = (fields.next(), fields.next(), fields.next());
        let (Some(controllers), Some(path)) = (controllers, path) else {
            continue;
        };
        let version = if controllers.is_empty() { &TWO } else { &ONE };
        let has = |name: &str| {
            controllers.is_empty() || controllers.split(',').any(|controller| controller == name)
        };
        let asks_cores = has("cpu") && !has_cores;
        let asks_memory = has("memory") && !has_memory;
        if !asks_cores && !asks_memory {
            continue;
        }
        for folder in folders(root, controllers, path) {
            if asks_cores && let Some(quota) = (version.quota)(&folder) {
                has_cores = true;
                cores = cores.min(quota);
            }
            if asks_memory && let Some(memory) = memory(&folder, version.memory) {
                has_memory = true;
                memory_bytes = memory_bytes.min(memory);
            }
        }
    }
    Limits {
        cores: cores.max(1),
        memory_bytes: Some(memory_bytes).filter(|&bytes| bytes < UNLIMITED),
    }
}

/// The folders of one hierarchy, from our group to the root.
fn folders(root: &Path, controllers: &str, path: &str) -> Vec<PathBuf> {
    let mounts: Vec<PathBuf> = if controllers.is_empty() {
        // Version 2 alone, or beside version 1 as systemd mounts it.
        vec![root.to_owned(), root.join("unified")]
    } else {
        // `cpu,cpuacct` is one folder, with links to it or without.
        let single = controllers.split(',').filter(|name| *name != controllers);
        [controllers]
            .into_iter()
            .chain(single)
            .map(|name| root.join(name))
            .collect()
    };
    let path = Path::new(path.trim_start_matches('/'));
    // A path out of our namespace begins with `..`, and leads nowhere here.
    let is_ours = !path.starts_with("..");
    let below = path.ancestors().filter(|_| is_ours);
    let mut below: Vec<&Path> = below.collect();
    if below.is_empty() {
        below.push(Path::new(""));
    }
    mounts
        .iter()
        .flat_map(|mount| below.iter().map(|folder| mount.join(folder)))
        .collect()
}

/// Whole processors of a quota, rounded down, at least 1.
fn whole(quota: &str, period: &str) -> u64 {
    let (Ok(quota), Ok(period)) = (quota.parse::<u64>(), period.parse::<u64>()) else {
        return NO_LIMIT;
    };
    quota
        .checked_div(period)
        .map_or(NO_LIMIT, |whole| whole.max(1))
}

/// The limit in a folder's file, or [`NO_LIMIT`], if it has that file.
fn memory(folder: &Path, file: &str) -> Option<u64> {
    Some(read(folder, file)?.parse().unwrap_or(NO_LIMIT))
}

/// The first line of a file, without its end. One read: the kernel has no more for a limit.
fn read(folder: &Path, file: &str) -> Option<String> {
    let mut bytes = [0; 64];
    let count = File::open(folder.join(file)).ok()?.read(&mut bytes).ok()?;
    let text = str::from_utf8(bytes.get(..count)?).ok()?;
    Some(text.trim().to_owned())
}
