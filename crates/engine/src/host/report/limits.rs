//! What the kernel and the disk give.

use std::path::Path;

use rustix::process::{Resource, getrlimit};

use super::examine::text;
use super::finding::Finding;

/// A base image with its packages and one project, roughly.
const LITTLE_DISK_BYTES: u64 = 5_000_000_000;
/// Not enough to unpack a base image.
const NO_DISK_BYTES: u64 = 1_000_000_000;
/// What servers with many connections want.
const FEW_FILES: u64 = 4096;

pub(super) fn seccomp() -> Finding {
    const WHAT: &str = "seccomp";
    if text("/proc/sys/kernel/seccomp/actions_avail")
        .split_whitespace()
        .any(|action| action == "errno")
    {
        Finding::ok(WHAT, "containers are filtered")
    } else {
        Finding::missing(
            WHAT,
            "this kernel has no seccomp filters, and sandboxes do not start without",
            "a kernel with CONFIG_SECCOMP_FILTER",
        )
    }
}

pub(super) fn control_groups() -> Finding {
    let mounts = text("/proc/self/mountinfo");
    let has = |kind: &str| {
        mounts
            .lines()
            .any(|line| line.contains(&format!(" - {kind} ")))
    };
    let version = match (has("cgroup"), has("cgroup2")) {
        (true, true) => "versions 1 and 2",
        (true, false) => "version 1",
        (false, true) => "version 2",
        (false, false) => "none",
    };
    Finding::ok("control groups", format!("{version}; none are needed"))
}

pub(super) fn open_files() -> Finding {
    let hard = getrlimit(Resource::Nofile).maximum;
    match hard {
        Some(hard) if hard < FEW_FILES => Finding::limited(
            "open files",
            format!("a process may have {hard}: servers with many connections need more"),
            "raise the hard limit: \"nofile\" in /etc/security/limits.conf, or LimitNOFILE= of the service",
        ),
        hard => Finding::ok(
            "open files",
            hard.map_or("no limit".to_owned(), |hard| {
                format!("{hard} for a process")
            }),
        ),
    }
}

pub(super) fn disk(scratch: &Path) -> Finding {
    const WHAT: &str = "disk space";
    // The folder may not exist yet.
    let existing = scratch
        .ancestors()
        .find(|folder| folder.exists())
        .unwrap_or(Path::new("/"));
    let free = rustix::fs::statvfs(existing)
        .map_or(0, |space| space.f_bavail.saturating_mul(space.f_frsize));
    let (whole, tenths) = (free / 1_000_000_000, free / 100_000_000 % 10);
    let why = format!("{whole}.{tenths} GB free for {}", scratch.display());
    let remedy =
        "\"boatyard clean\" frees the build cache; or put the store elsewhere (BOATYARD_HOME)";
    match free {
        0..NO_DISK_BYTES => Finding::missing(WHAT, why, remedy),
        NO_DISK_BYTES..LITTLE_DISK_BYTES => Finding::limited(WHAT, why, remedy),
        LITTLE_DISK_BYTES.. => Finding::ok(WHAT, why),
    }
}
