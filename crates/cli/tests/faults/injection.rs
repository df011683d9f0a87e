//! What is injected: the calls of a build, and which of them in the sample.

use std::path::Path;

/// Calls at which something is killed, and which of them in the sample.
const KILLED: [(&str, &[u32]); 25] = [
    ("openat", &[40]),
    ("openat2", &[9]),
    ("read", &[60]),
    ("write", &[2, 9]),
    ("pwrite64", &[3]),
    ("fsync", &[1, 9]),
    ("rename", &[1, 4, 14]),
    ("mkdir", &[5]),
    ("mkdirat", &[3, 6]),
    ("unlinkat", &[3]),
    ("unlink", &[3]),
    ("fchmod", &[]),
    ("utimensat", &[4]),
    ("symlinkat", &[1]),
    ("ftruncate", &[]),
    ("flock", &[3, 11]),
    ("close", &[]),
    ("unshare", &[2]),
    ("clone3", &[4]),
    ("execve", &[1]),
    ("fsconfig", &[5]),
    ("move_mount", &[2]),
    ("mount_setattr", &[1]),
    ("recvmsg", &[]),
    ("wait4", &[1]),
];

/// Errors, calls that fail with them, and which in the sample.
const FAILED: [(&str, &str, &[u32]); 37] = [
    ("ENOSPC", "openat", &[]),
    ("ENOSPC", "write", &[6]),
    ("ENOSPC", "pwrite64", &[2]),
    ("ENOSPC", "fsync", &[2]),
    ("ENOSPC", "mkdir", &[8]),
    ("ENOSPC", "mkdirat", &[2]),
    ("ENOSPC", "rename", &[6]),
    ("ENOSPC", "symlinkat", &[1]),
    ("ENOSPC", "mknodat", &[1]),
    ("ENOSPC", "ftruncate", &[]),
    ("EIO", "read", &[30]),
    ("EIO", "write", &[]),
    ("EIO", "fsync", &[3]),
    ("EIO", "openat", &[80]),
    ("EIO", "getdents64", &[4]),
    ("EIO", "statx", &[30]),
    ("EIO", "unlinkat", &[2]),
    ("EIO", "rename", &[2]),
    ("EIO", "utimensat", &[2]),
    ("EINTR", "openat", &[50]),
    ("EINTR", "read", &[25]),
    ("EINTR", "write", &[6]),
    ("EINTR", "flock", &[]),
    ("EINTR", "wait4", &[1]),
    ("EINTR", "recvmsg", &[1]),
    ("ENOMEM", "clone3", &[2]),
    ("ENOMEM", "unshare", &[1]),
    ("EMFILE", "openat", &[60]),
    ("EPERM", "move_mount", &[1]),
    // Each takes away another right, so that the build goes on with less.
    ("EPERM", "unshare", &[1, 2, 3, 4]),
    ("EMFILE", "socketpair", &[1]),
    ("EMFILE", "recvmsg", &[1]),
    ("EPERM", "mknodat", &[1]),
    ("EIO", "lgetxattr", &[1]),
    ("EAGAIN", "execve", &[2]),
    ("EAGAIN", "clone3", &[1, 5]),
    ("ENOSYS", "close_range", &[1]),
];

/// What is injected, and where.
#[derive(Clone, Copy, Debug)]
pub struct Injection {
    pub call: &'static str,
    /// `None` kills.
    pub error: Option<&'static str>,
    pub number: u32,
}

impl Injection {
    /// The words before a command that have strace inject this, and write what it traced to `trace`.
    pub fn words(&self, trace: &Path) -> Vec<String> {
        let call = self.call;
        let what = match self.error {
            Some(error) => format!("error={error}"),
            None => "signal=KILL".to_owned(),
        };
        let inject = format!("inject={call}:{what}:when={}", self.number);
        let words = ["strace", "-f", "-qq", "-o"].map(str::to_owned);
        let trace = trace.to_string_lossy().into_owned();
        let rest = [
            trace,
            "-e".into(),
            format!("trace={call}"),
            "-e".into(),
            inject,
        ];
        words.into_iter().chain(rest).collect()
    }
}

/// Whether a trace tells of an injection.
pub fn was_hit(traced: &str) -> bool {
    traced.contains("(INJECTED)") || traced.contains("killed by SIGKILL")
}

/// Every call with the error that it fails with, or none if something is killed there; and which in the sample.
pub fn classes() -> impl Iterator<Item = (&'static str, Option<&'static str>, &'static [u32])> {
    let killed = KILLED
        .into_iter()
        .map(|(call, sample)| (call, None, sample));
    let failed = FAILED
        .into_iter()
        .map(|(error, call, sample)| (call, Some(error), sample));
    killed.chain(failed)
}

/// The calls of a class that are tried: those of the sample, or one after another until nothing is hit.
pub fn numbers(sample: &'static [u32]) -> Box<dyn Iterator<Item = u32>> {
    match std::env::var("FAULTS").as_deref() {
        // No class of this build has more in one thread.
        Ok("all") => Box::new(1..2_000),
        _ => Box::new(sample.iter().copied()),
    }
}
