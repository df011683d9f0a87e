//! The commits of a stranger whose builds reach for what is not theirs.

use std::path::Path;

use serde_json::{Value, json};

use crate::checkout::{Checkout, git};
use crate::server::Server;
use crate::support::{Traces, alone, busybox, kept_home, not_run};
use crate::{missing, nothing_is_left};

const PROJECT: &str = r#"[project]
name = "loot"
[image]
base = { dockerfile = "Dockerfile", target = "base" }
user = { name = "app", uid = 10001, gid = 10001 }
[service.app]
roles = ["web"]
[role.web]
command = "exec busybox httpd -f -p 8080"
port = 8080
"#;

/// A repository whose pull requests are told of by somebody else, and the configuration that watches it.
struct Yard {
    folder: tempfile::TempDir,
    clone: Checkout,
}

impl Yard {
    fn new(busybox: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        git(
            folder.path(),
            &["init", "--quiet", "--bare", "-b", "main", "loot.git"],
        );
        let bare = folder.path().join("loot.git");
        let clone = Checkout::new(folder.path().join("clone"), bare.to_str().unwrap());
        std::fs::copy(busybox, clone.folder().join("busybox")).unwrap();
        std::fs::write(clone.folder().join("boatyard.toml"), PROJECT).unwrap();
        clone.push("main", "A project");
        let place = folder.path().display();
        let text = format!(
            "[times]\nsettle = \"0s\"\nback-off = \"1h\"\n\
             [forge.here]\nkind = \"generic\"\nurl = \"file://{place}\"\nunsigned = true\n\
             [[repository]]\nname = \"loot.git\"\nbranches = \"none/*\"\nforks = \"allow\"\nsources = [\"index.invalid\"]\n"
        );
        std::fs::write(folder.path().join("serve.toml"), text).unwrap();
        Self { folder, clone }
    }

    /// The stranger pushes a Dockerfile, and the server is told of it. The commit.
    fn push(&self, server: &Server, dockerfile: &str) -> String {
        std::fs::write(self.clone.folder().join("Dockerfile"), dockerfile).unwrap();
        self.clone.git(&["add", "--all"]);
        self.clone
            .git(&["commit", "--quiet", "--message", "Nothing special"]);
        let reference = "+HEAD:refs/pull/1/head";
        self.clone.git(&["push", "--quiet", "origin", reference]);
        let commit = self.clone.git(&["rev-parse", "HEAD"]).trim().to_owned();
        Self::tell(server, &json!({"pull-request": 1, "commit": commit}));
        commit
    }

    fn tell(server: &Server, news: &Value) {
        let mut news = news.clone();
        news["repository"] = json!("loot.git");
        let json = "Content-Type: application/json\r\n";
        let status = server.hook("/hooks/here", json, &news.to_string());
        assert!((200..300).contains(&status), "{status}");
    }
}

#[test]
fn a_strangers_build_reaches_nothing_else() {
    let _alone = alone();
    let home = kept_home();
    if let Some(why) = missing(&home) {
        return not_run(&why);
    }
    let Some(busybox) = busybox() else {
        return not_run("busybox is not installed (Debian: busybox-static)");
    };
    let _ = std::fs::remove_dir_all(home.join("serve"));
    let before = Traces::now(&home);
    let yard = Yard::new(&busybox);
    let mut server = Server::start(&home, &yard.folder.path().join("serve.toml"), &[]);
    let begin = "FROM scratch AS base\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sh\n";
    let fetch = format!("{begin}RUN busybox nslookup evil.invalid\n");
    let mut last = String::new();
    for (dockerfile, reasons) in [
        (
            fetch.as_str(),
            &[
                "Dockerfile:4:1: ",
                "evil.invalid was asked for, which is not among the sources of this build",
                "sources = [\"evil.invalid\"]",
            ][..],
        ),
        (
            "FROM 10.77.0.1:5000/a/b AS base\n",
            &[
                "Dockerfile:1:6: ",
                "10.77.0.1:5000 is not among the registries of this build",
                "registries = [\"10.77.0.1:5000\"]",
            ][..],
        ),
    ] {
        let commit = yard.push(&server, dockerfile);
        let said = server.failed(&commit);
        let environment = &said["environment"];
        let reason = environment["reason"].as_str().unwrap();
        let id = environment["id"].as_str().unwrap();
        let log = log_of(&home, id);
        last.clone_from(&commit);
        for part in reasons {
            assert!(reason.contains(part), "{part:?} is not in {reason}");
            assert!(log.contains(part), "{part:?} is not in {log}");
        }
    }
    Yard::tell(&server, &json!({"pull-request": 1, "closed": true}));
    server.gone(&last, "#1");
    server.end();
    nothing_is_left(&home, &before);
}

/// All that was said of an environment.
fn log_of(home: &Path, id: &str) -> String {
    let mut text = String::new();
    let mut folders = vec![home.join("serve/log").join(id)];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                text += &std::fs::read_to_string(entry.path()).unwrap();
            }
        }
    }
    text
}
