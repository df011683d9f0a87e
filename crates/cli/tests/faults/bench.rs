//! A folder, a build in it, and what must be true afterwards.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::injection::{Injection, was_hit};
use super::support::{BOATYARD, busybox, is_root, not_run, text, wait_for};

/// The folders of the test.
pub struct Bench {
    folder: tempfile::TempDir,
    pub digest: String,
}

impl Bench {
    /// Makes the folders, and builds once without a fault. `None`, with a word why, if that cannot be done here.
    pub fn new(dockerfile: &str) -> Option<Self> {
        if !is_root() {
            not_run("system calls of the sandbox are traced as root");
            return None;
        }
        if !traces() {
            not_run("strace cannot trace here (Debian: strace)");
            return None;
        }
        let Some(busybox) = busybox() else {
            not_run("busybox is not installed (Debian: busybox-static)");
            return None;
        };
        let folder = tempfile::Builder::new()
            .prefix("faults")
            // Not everybody who builds in it is root.
            .permissions(std::fs::Permissions::from_mode(0o755))
            .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
            .unwrap();
        let context = folder.path().join("context");
        std::fs::create_dir_all(context.join("src/deep")).unwrap();
        std::fs::copy(busybox, context.join("busybox")).unwrap();
        for name in ["a", "b", "deep/c"] {
            std::fs::write(context.join("src").join(name), name).unwrap();
        }
        std::os::unix::fs::symlink("../a", context.join("src/deep/link")).unwrap();
        std::fs::write(context.join("Dockerfile"), dockerfile).unwrap();
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
        Some(bench)
    }

    /// A path for a home or anything else.
    pub fn home(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn words(home: &Path, before: &[&str], args: &[&str]) -> Command {
        let words: Vec<&str> = [before, &[BOATYARD], args].concat();
        let mut command = Command::new(words[0]);
        command
            .args(&words[1..])
            .env("BOATYARD_HOME", home)
            .env("BOATYARD_KEEP_BYTES", "all")
            .env("SOURCE_DATE_EPOCH", "1760000000")
            .stdin(Stdio::null());
        command
    }

    /// A build, under what `before` says.
    pub fn command(&self, home: &Path, before: &[&str]) -> Command {
        let context = self.home("context");
        let args = ["build", "-q", "-t", "faults", &context.to_string_lossy()];
        Self::words(home, before, &args)
    }

    /// Builds, under what `before` says.
    pub fn build(&self, home: &Path, before: &[&str]) -> Output {
        self.command(home, before).output().unwrap()
    }

    /// What the machine is said to permit of what builds differ by, under what `before` says.
    pub fn permits(home: &Path, before: &[&str]) -> Vec<serde_json::Value> {
        let said = Self::words(home, before, &["doctor", "--json"]).output();
        let mut said: Vec<serde_json::Value> =
            serde_json::from_slice(&said.unwrap().stdout).unwrap();
        let kinds = ["rights", "process namespaces", "overlay mounts"];
        said.retain(|one| kinds.contains(&one["what"].as_str().unwrap()));
        assert!(!said.is_empty());
        said
    }

    fn verify(home: &Path) -> Output {
        Self::words(home, &[], &["image", "fsck"]).output().unwrap()
    }

    /// Builds with an injection, then without; notes what is not as it must be. Whether the injection happened.
    pub fn check(&self, injection: Injection, wrong: &mut Vec<String>) -> bool {
        let home = self.home("home");
        let trace = self.home("trace");
        let words = injection.words(&trace);
        let before: Vec<&str> = words.iter().map(String::as_str).collect();
        let said = self.build(&home, &before);
        let traced = text(&std::fs::read(&trace).unwrap_or_default());
        let hit = was_hit(&traced);
        let mut bad = Vec::new();
        if injection.error.is_some() {
            bad.extend(self.badly_said(&said, &traced));
        }
        bad.extend(self.aftermath(&home));
        wrong.extend(bad.iter().map(|bad| format!("{injection:?}: {bad}")));
        hit
    }

    /// What is not as it must be after something failed in `home`, which is removed.
    pub fn aftermath(&self, home: &Path) -> Vec<String> {
        let mut bad = Vec::new();
        wait_for("all that was started to end", 20, || {
            nobody_has(home).then_some(())
        });
        let checks: [(&str, &dyn Fn() -> Output, &str); 3] = [
            ("fsck", &|| Self::verify(home), ""),
            ("the next build", &|| self.build(home, &[]), &self.digest),
            ("fsck after it", &|| Self::verify(home), ""),
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
        let removed = std::fs::remove_dir_all(home);
        assert!(removed.is_ok(), "{removed:?}");
        bad
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
