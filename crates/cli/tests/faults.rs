//! System calls that kill or fail: what is said is clear, the store stays whole, and the next run is right.
//!
//! `strace --inject` makes the n-th call of a class, counted in each thread, the last one or a failure: in the builder, in its
//! helper and in the steps. Here a sample of them; all of them with `just faults`.

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use support::{BOATYARD, alone, is_root, not_run, text, wait_for};

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
const FAILED: [(&str, &str, &[u32]); 30] = [
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
    ("EPERM", "unshare", &[]),
];

const DOCKERFILE: &str = "FROM scratch AS base\nCOPY busybox /bin/sh\n\
    FROM base AS tool\nWORKDIR /shop\nRUN echo made > made\n\
    FROM base\nCOPY src /src\nADD part.tar /part\nCOPY --from=tool /shop/made /made\n\
    RUN --mount=type=cache,target=/c --mount=type=bind,source=src,target=/m read a < /made && echo $a > /x && echo y > /c/y\n\
    USER 5\nCMD [\"/bin/sh\"]\n";

/// What is injected, and where.
#[derive(Clone, Copy, Debug)]
struct Injection {
    call: &'static str,
    /// `None` kills.
    error: Option<&'static str>,
    number: u32,
}

/// The folders of the test.
struct Bench {
    folder: tempfile::TempDir,
    digest: String,
}

#[test]
fn whatever_fails_the_next_run_is_right() {
    if !is_root() {
        return not_run("system calls of the sandbox are traced as root");
    }
    if !traces() {
        return not_run("strace cannot trace here (Debian: strace)");
    }
    let Some(busybox) = busybox() else {
        return not_run("busybox is not installed (Debian: busybox-static)");
    };
    let _alone = alone();
    let bench = Bench::new(&busybox);
    let (mut tried, mut hit) = (0, 0);
    let mut wrong = Vec::new();
    for (call, error, sample) in classes() {
        let mut numbers: Box<dyn Iterator<Item = u32>> = match std::env::var("FAULTS").as_deref() {
            Ok("all") => Box::new(1..),
            _ => Box::new(sample.iter().copied()),
        };
        let inject = |number| Injection {
            call,
            error,
            number,
        };
        // Past the last call of its class nothing is hit: the next class.
        while let Some(injection) = numbers.next().map(inject) {
            tried += 1;
            let was_hit = bench.check(injection, &mut wrong);
            if !was_hit {
                break;
            }
            hit += 1;
        }
    }
    println!("{hit} of {tried} system calls were killed or failed");
    assert!(hit > 20, "hardly anything was hit: {hit} of {tried}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn classes() -> impl Iterator<Item = (&'static str, Option<&'static str>, &'static [u32])> {
    let killed = KILLED
        .into_iter()
        .map(|(call, sample)| (call, None, sample));
    let failed = FAILED
        .into_iter()
        .map(|(error, call, sample)| (call, Some(error), sample));
    killed.chain(failed)
}

impl Bench {
    fn new(busybox: &Path) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("faults")
            .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
            .unwrap();
        let context = folder.path().join("context");
        std::fs::create_dir_all(context.join("src/deep")).unwrap();
        std::fs::copy(busybox, context.join("busybox")).unwrap();
        for name in ["a", "b", "deep/c"] {
            std::fs::write(context.join("src").join(name), name).unwrap();
        }
        std::os::unix::fs::symlink("../a", context.join("src/deep/link")).unwrap();
        std::fs::write(context.join("Dockerfile"), DOCKERFILE).unwrap();
        let packed = Command::new("tar")
            .args(["-cf", "part.tar", "src"])
            .current_dir(&context)
            .status();
        assert!(packed.unwrap().success());
        let mut bench = Self {
            folder,
            digest: String::new(),
        };
        let clean = bench.build(&bench.home("clean"), &[]);
        assert!(clean.status.success(), "{}", text(&clean.stderr));
        bench.digest = text(&clean.stdout);
        bench
    }

    fn home(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs our command, under what `before` says.
    fn run(home: &Path, before: &[&str], args: &[&str]) -> Output {
        let words: Vec<&str> = [before, &[BOATYARD], args].concat();
        Command::new(words[0])
            .args(&words[1..])
            .env("BOATYARD_HOME", home)
            .env("BOATYARD_KEEP_BYTES", "all")
            .env("SOURCE_DATE_EPOCH", "1760000000")
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    fn build(&self, home: &Path, before: &[&str]) -> Output {
        let context = self.home("context");
        let args = ["build", "-q", "-t", "faults", &context.to_string_lossy()];
        Self::run(home, before, &args)
    }

    /// Builds with an injection, then without; notes what is not as it must be. Whether the injection happened.
    fn check(&self, injection: Injection, wrong: &mut Vec<String>) -> bool {
        let home = self.home("home");
        let trace = self.home("trace");
        let call = injection.call;
        let what = match injection.error {
            Some(error) => format!("error={error}"),
            None => "signal=KILL".to_owned(),
        };
        let inject = format!("inject={call}:{what}:when={}", injection.number);
        let only = format!("trace={call}");
        let trace_text = trace.to_string_lossy();
        let before = [
            "strace",
            "-f",
            "-qq",
            "-o",
            &trace_text,
            "-e",
            &only,
            "-e",
            &inject,
        ];
        let said = self.build(&home, &before);
        let traced = text(&std::fs::read(&trace).unwrap_or_default());
        let hit = traced.contains("(INJECTED)") || traced.contains("killed by SIGKILL");
        let mut bad = Vec::new();
        if injection.error.is_some() {
            bad.extend(self.badly_said(&said, &traced));
        }
        wait_for("all that was started to end", 20, || {
            nobody_has(&home).then_some(())
        });
        let checks: [(&str, &dyn Fn() -> Output, &str); 3] = [
            ("fsck", &|| Self::run(&home, &[], &["image", "fsck"]), ""),
            ("the next build", &|| self.build(&home, &[]), &self.digest),
            (
                "fsck after it",
                &|| Self::run(&home, &[], &["image", "fsck"]),
                "",
            ),
        ];
        for (name, run, expected) in checks {
            let done = run();
            if !done.status.success() || !text(&done.stdout).contains(expected) {
                bad.push(format!("{name}: {done:?}"));
            }
        }
        let left = std::fs::read_dir(home.join("tmp")).map_or(0, Iterator::count);
        if left > 0 {
            bad.push(format!("{left} entries are left in tmp/"));
        }
        let removed = std::fs::remove_dir_all(&home);
        assert!(removed.is_ok(), "{removed:?}");
        wrong.extend(bad.iter().map(|bad| format!("{injection:?}: {bad}")));
        hit
    }

    /// What is not as it must be in the answer of a build in which a call failed.
    fn badly_said(&self, said: &Output, traced: &str) -> Option<String> {
        let errors = text(&said.stderr);
        let bad = |what: &str| Some(format!("{what}: {said:?}"));
        // Before our own code runs, or where the step itself was hit.
        let not_ours = errors.contains("error while loading shared libraries");
        // The message itself could not be written.
        let mute = traced.contains("write(2,");
        match said.status.code() {
            Some(0) if text(&said.stdout) == self.digest || mute => None,
            Some(0) => bad("another image"),
            Some(1..=3) if errors.contains("error: ") || mute => None,
            Some(1..=3) => bad("no reason is given"),
            _ if not_ours || mute => None,
            _ => bad("neither the work nor the machine is blamed"),
        }
    }
}

fn traces() -> bool {
    Command::new("strace")
        .args(["-f", "-o", "/dev/null", "true"])
        .output()
        .is_ok_and(|output| output.status.success())
}

fn busybox() -> Option<PathBuf> {
    let places = ["/bin/busybox", "/usr/bin/busybox"].map(PathBuf::from);
    places.into_iter().find(|path| path.exists())
}

/// Whether no process works for `home`.
fn nobody_has(home: &Path) -> bool {
    let variable = format!("BOATYARD_HOME={}", home.display());
    std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().parse::<u32>().is_ok())
        .all(|entry| {
            let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
            let root = std::fs::read_link(entry.path().join("root")).unwrap_or_default();
            !text(&environment).contains(&variable) && !root.starts_with(home)
        })
}
