//! The guestbook, from source to answers: what the README promises.

mod support;

use std::path::{Path, PathBuf};
use std::process::Stdio;

use support::{
    Down, Traces, alone, boatyard, copy_folder, fail, http, kept_home, root, succeed, wait_for,
};

/// A copy of the guestbook that the test may change.
fn guestbook() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("guestbook");
    copy_folder(&root().join("examples/guestbook"), &project);
    (folder, project)
}

/// Where a process of the running project answers.
fn url(home: &Path, project: &Path, process: &str) -> String {
    let listing = succeed(boatyard(home, project).args(["ps", "--json"]));
    let listing: serde_json::Value = serde_json::from_str(&listing).unwrap();
    let processes = listing["processes"].as_array().unwrap();
    let found = processes
        .iter()
        .find(|entry| entry["name"] == process)
        .unwrap();
    found["url"].as_str().unwrap().to_owned()
}

#[test]
fn it_is_built_runs_answers_and_leaves_nothing() {
    let _alone = alone();
    let home = kept_home();
    let (_folder, project) = guestbook();
    let before = Traces::now(&home);
    let _down = Down {
        home: home.clone(),
        project: project.clone(),
    };
    let up = || {
        let mut command = boatyard(&home, &project);
        command.args([
            "up",
            "-d",
            "--publish",
            "web=0",
            "--publish",
            "admin=0",
            "--timeout",
            "120s",
        ]);
        command
    };
    succeed(&mut up());
    let web = url(&home, &project, "web");

    // Web and database: the page answers and keeps what a guest writes.
    let (status, page) = http(&web, "GET", "/", "").unwrap();
    assert_eq!(status, 200, "{page}");
    let (status, _) = http(&web, "POST", "/", "name=Ada&message=three+small+words").unwrap();
    assert_eq!(status, 303);
    // Worker and broker: it counts the words.
    let counted = || -> Option<serde_json::Value> {
        let (_, body) = http(&web, "GET", "/api/entries", "")?;
        let entries: serde_json::Value = serde_json::from_str(&body).ok()?;
        entries["entries"]
            .as_array()?
            .iter()
            .find(|entry| entry["words"] == 3)
            .cloned()
    };
    let entry = wait_for("the worker's count", 30, counted);
    assert_eq!(entry["name"], "Ada");
    // The second image of the same base.
    let (status, _) = http(&url(&home, &project, "admin"), "GET", "/healthz", "").unwrap();
    assert_eq!(status, 200);

    // Into a running container: the same user and environment.
    let id = succeed(boatyard(&home, &project).args(["exec", "web", "--", "id", "-u"]));
    assert_eq!(id.trim(), "10001");
    let logs = succeed(boatyard(&home, &project).args(["logs", "web"]));
    assert!(logs.contains("GET / 200"), "{logs}");
    // It runs already.
    let message = fail(&mut up(), 2);
    assert!(message.contains("runs already"), "{message}");

    succeed(boatyard(&home, &project).arg("down"));
    assert_eq!(Traces::now(&home), before, "something was left behind");

    // The volume outlives the containers.
    succeed(&mut up());
    let web = url(&home, &project, "web");
    let (_, body) = http(&web, "GET", "/api/entries", "").unwrap();
    assert!(body.contains("three small words"), "{body}");
    succeed(boatyard(&home, &project).arg("down"));
    assert_eq!(Traces::now(&home), before, "something was left behind");
}

#[test]
fn killed_while_it_runs_it_leaves_nothing() {
    let _alone = alone();
    let home = kept_home();
    let (_folder, project) = guestbook();
    let before = Traces::now(&home);
    let mut up = boatyard(&home, &project)
        .args([
            "up",
            "--publish",
            "web=0",
            "--publish",
            "admin=0",
            "--progress",
            "plain",
            "--timeout",
            "120s",
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let ready = || {
        let listing = boatyard(&home, &project)
            .args(["ps", "--json"])
            .output()
            .ok()?;
        let listing: serde_json::Value = serde_json::from_slice(&listing.stdout).ok()?;
        (listing["ready"] == true).then_some(())
    };
    wait_for("the guestbook", 600, ready);
    up.kill().unwrap();
    up.wait().unwrap();
    wait_for("everything to die with it", 10, || {
        (Traces::now(&home) == before).then_some(())
    });
    // The next run finds the place free.
    fail(
        boatyard(&home, &project).args(["exec", "web", "--", "true"]),
        2,
    );
}

#[test]
fn images_hold_what_they_should_and_nothing_else() {
    let _alone = alone();
    let home = kept_home();
    let (_folder, project) = guestbook();
    succeed(boatyard(&home, &project).arg("build"));
    let run =
        |command: &str| succeed(boatyard(&home, &project).args(["run", "--", "sh", "-c", command]));
    assert_eq!(
        run("id -u; id -g; pwd")
            .split_whitespace()
            .collect::<Vec<_>>(),
        ["10001", "10001", "/app"]
    );
    assert_eq!(
        run("for p in gcc cc make uv pip pip3; do command -v $p; done; true").trim(),
        ""
    );
    assert_eq!(run("ls -d ~root/.cache /run/boatyard /opt/venv/lib/python3.11/site-packages/*/tests 2>/dev/null; true").trim(), "");
    assert_eq!(
        run("ls /app").split_whitespace().collect::<Vec<_>>(),
        ["common", "config", "guestbook", "migrations"]
    );
    assert_eq!(
        run("echo x 2>/dev/null >> /app/guestbook/web.py || echo no").trim(),
        "no"
    );
    assert_eq!(run("cat /proc/1/comm").trim(), "boatyard-init");
}
