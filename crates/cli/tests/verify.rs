//! `boatyard image verify` and `boatyard check --image`: an image of ours that keeps what it promises, and small ones that do not.

mod support;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use support::{
    BOATYARD, Traces, alone, boatyard, busybox, fail, is_root, not_run, output, succeed, text,
};

/// One image for each way to be wrong, and one for each right way that is not ours.
const DOCKERFILE: &str = "\
FROM scratch AS base
COPY busybox /bin/sh
RUN mkdir -p /tmp
FROM base AS shell
COPY secret /home/app/.netrc
CMD /bin/busybox httpd -f -p 8080; true
FROM base AS deaf
USER 1000:1000
ENTRYPOINT [\"/bin/sh\", \"-c\", \"trap '' TERM; while :; do busybox sleep 1; done\"]
FROM base AS writes
RUN mkdir -m 777 /data
USER 1000:1000
STOPSIGNAL INT
ENTRYPOINT [\"/bin/sh\", \"-c\", \"echo x > /data/x && trap 'exit 5' INT && while :; do busybox sleep 1 & wait $!; done\"]
FROM base AS alone
USER 1000:1000
ENTRYPOINT [\"/bin/sh\", \"-c\", \"trap 'exit 0' TERM; /bin/busybox httpd -f -p 8090 & wait\"]
";

const PROJECT: &str = r#"
[project]
name = "shop"

[image]
base = { dockerfile = "Dockerfile", target = "base" }
user = { name = "app", uid = 10001, gid = 10001 }
prefix = "shop"

[service.app]
roles = ["web", "idle"]

[role.web]
command = "busybox httpd -f -p 8080"
port = 8080
stop = { signal = "TERM", grace = "5s" }

[role.idle]
command = "busybox sleep 1000"
"#;

/// A folder that everybody may enter, with all images built in its home.
struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new(busybox: &Path) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("boatyard-verify")
            .tempdir_in("/var/tmp")
            .unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let bench = Self { folder };
        for name in ["home", "shop"] {
            std::fs::create_dir(bench.path(name)).unwrap();
        }
        let shop = bench.path("shop");
        std::fs::copy(busybox, shop.join("busybox")).unwrap();
        std::fs::write(
            shop.join("Dockerfile"),
            DOCKERFILE.replace(
                "COPY busybox /bin/sh",
                "COPY busybox /bin/busybox\nCOPY busybox /bin/sh",
            ),
        )
        .unwrap();
        std::fs::write(shop.join("boatyard.toml"), PROJECT).unwrap();
        std::fs::write(shop.join("secret"), "machine a login b password c\n").unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = boatyard(&self.path("home"), &self.path("shop"));
        command.args(words);
        command
    }

    fn verify(&self, words: &[&str], code: i32) -> BTreeMap<String, (String, String)> {
        let mut command = self.command(&["image", "verify", "--json"]);
        command.args(words);
        checks(&mut command, code)
    }
}

/// What was found, by check: outcome, words.
fn checks(command: &mut Command, code: i32) -> BTreeMap<String, (String, String)> {
    let output = output(command);
    assert_eq!(
        output.status.code(),
        Some(code),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = said["checks"].as_array().unwrap().iter();
    let word = |check: &Value, name: &str| check[name].as_str().unwrap().to_owned();
    checks
        .map(|check| {
            (
                word(check, "name"),
                (word(check, "outcome"), word(check, "said")),
            )
        })
        .collect()
}

fn is(checks: &BTreeMap<String, (String, String)>, name: &str, outcome: &str, words: &str) {
    let (found, said) = &checks[name];
    assert!(
        found == outcome && said.contains(words),
        "{name}: {checks:#?}"
    );
}

#[test]
fn images_prove_what_they_promise() {
    let Some(busybox) = busybox() else {
        return not_run("busybox is not installed (Debian: busybox-static)");
    };
    let _alone = alone();
    let bench = Bench::new(&busybox);
    for target in ["shell", "deaf", "writes", "alone"] {
        let tag = format!("bad/{target}:1");
        succeed(&mut bench.command(&["build", "-q", "-t", &tag, "--target", target, "."]));
    }
    succeed(&mut bench.command(&["build", "--variant", "all"]));
    let before = Traces::now(&bench.path("home"));

    let found = bench.verify(&["shop/app:k8s-latest"], 0);
    for name in ["start", "signal", "stop", "zombies", "read-only", "secrets"] {
        is(&found, name, "passed", "");
    }
    if is_root() {
        is(&found, "user", "passed", "runs as 10001:10001");
        is(&found, "any-user", "passed", "");
    }
    is(&found, "start", "passed", "listens (one of: 8080)");
    let said = succeed(&mut bench.command(&["image", "verify", "shop/app", "--role", "idle"]));
    assert!(
        said.contains("shop/app:k8s-latest") && said.contains(" 0 failed"),
        "{said}"
    );

    // Without our init.
    let found = bench.verify(&["bad/shell:1", "--grace", "1s", "--variant", "k8s"], 1);
    is(&found, "user", "failed", "no USER");
    is(&found, "secrets", "failed", "/home/app/.netrc");
    let found = bench.verify(&["bad/deaf:1", "--grace", "1s"], 1);
    is(&found, "signal", "failed", "sh ignores TERM");
    is(&found, "stop", "failed", "still ran 1 s after TERM");
    let found = bench.verify(&["bad/writes:1", "--grace", "10s"], 1);
    is(&found, "signal", "passed", "sh got INT");
    is(&found, "stop", "passed", "ended with 5");
    is(&found, "read-only", "failed", "Read-only file system");
    // PID 1 ends without a word to the application, which is held while it is killed.
    let found = bench.verify(&["bad/alone:1", "--grace", "5s"], 0);
    is(&found, "signal", "not_run", "PID 1 ended with 0");
    is(&found, "stop", "passed", "ended with 0");
    let told = fail(
        &mut bench.command(&["image", "verify", "bad/deaf:1", "--role", "web"]),
        2,
    );
    assert!(told.contains("has no role"), "{told}");

    let checked = output(&mut bench.command(&["check", "--image", "bad/shell:1", "--json"]));
    assert_eq!(checked.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&checked.stdout).unwrap();
    let places: Vec<(&str, &str)> = said["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            (
                finding["rule"].as_str().unwrap(),
                finding["file"].as_str().unwrap(),
            )
        })
        .collect();
    for expected in [
        ("D01", "image:bad/shell:1"),
        ("D05", "image:bad/shell:1"),
        ("D15", "image:bad/shell:1 layer 4 /home/app/.netrc"),
    ] {
        assert!(places.contains(&expected), "{places:?}");
    }
    let left = Traces::now(&bench.path("home")).left_since(&before);
    assert!(left.is_empty(), "left behind: {left:?}");
    let unfinished = std::fs::read_dir(bench.path("home/tmp")).unwrap().count();
    assert_eq!(unfinished, 0);
    as_a_user(&bench);
}

/// The same for somebody who has one number only: what this cannot tell is not run.
fn as_a_user(bench: &Bench) {
    if !is_root() {
        return not_run("becoming an ordinary user needs root");
    }
    let (archive, command) = (bench.path("deaf.tar"), bench.path("boatyard"));
    succeed(&mut bench.command(&[
        "image",
        "save",
        "bad/deaf:1",
        "-o",
        archive.to_str().unwrap(),
    ]));
    std::fs::set_permissions(&archive, std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::copy(BOATYARD, &command).unwrap();
    let home = bench.path("user");
    std::fs::create_dir(&home).unwrap();
    std::os::unix::fs::chown(&home, Some(12345), Some(12345)).unwrap();
    let run = |words: &[&str]| {
        let mut run = Command::new("setpriv");
        run.args([
            "--reuid=12345",
            "--regid=12345",
            "--clear-groups",
            "--inh-caps=-all",
        ])
        .arg(&command)
        .args(words)
        .current_dir("/")
        .env("BOATYARD_HOME", &home)
        .env("HOME", &home)
        .stdin(Stdio::null());
        run
    };
    let loaded = output(&mut run(&["image", "load", archive.to_str().unwrap()]));
    if loaded.status.code() == Some(3) {
        return not_run("an ordinary user can load no image here");
    }
    assert!(loaded.status.success(), "{}", text(&loaded.stderr));
    let found = checks(
        &mut run(&["image", "verify", "bad/deaf:1", "--grace", "1s", "--json"]),
        1,
    );
    is(&found, "any-user", "not_run", "one user only");
    is(&found, "secrets", "passed", "");
    let (outcome, why) = &found["signal"];
    assert!(
        outcome == "failed" || (outcome == "not_run" && why.contains("namespaces")),
        "{found:#?}"
    );
}
