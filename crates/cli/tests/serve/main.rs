//! `boatyard serve` from a push to nothing left: the real command, a real repository, the guestbook.

mod checkout;
mod forge;
mod harbour;
mod pull_request;
#[path = "../scenario/mod.rs"]
mod scenario;
mod server;
mod snapshots;
mod stranger;
mod struck;
#[path = "../support/mod.rs"]
mod support;

use std::path::Path;

use forge::Forge;
use serde_json::Value;
use server::Server;
use support::{Traces, alone, boatyard, kept_home, not_run, succeed, wait_for};

/// Names of copies of environments that are left in a home: what they keep, and their images.
fn left(home: &Path) -> Vec<String> {
    let words: [&[&str]; 2] = [&["ps", "--all", "--json"], &["image", "ls", "--json"]];
    let mut left = Vec::new();
    for words in words {
        let listing = succeed(boatyard(home, home).args(words));
        let names = listing.lines().filter(|line| line.contains("preview_"));
        left.extend(names.map(|line| line.trim().to_owned()));
    }
    let environments = home
        .join("serve/environment")
        .read_dir()
        .into_iter()
        .flatten();
    left.extend(
        environments
            .flatten()
            .map(|entry| entry.path().display().to_string()),
    );
    left
}

/// Nothing of environments is there any more, and the machine is as it was; the server's own state goes.
fn nothing_is_left(home: &Path, before: &Traces) {
    assert_eq!(left(home), Vec::<String>::new());
    wait_for("everything to be as it was", 60, || {
        let left = Traces::now(home).left_since(before);
        left.is_empty().then_some(())
    });
    let _ = std::fs::remove_dir_all(home.join("serve"));
}

/// What keeps environments apart on this machine; without it the story cannot be told.
fn missing(home: &Path) -> Option<String> {
    if std::process::Command::new("git")
        .arg("--version")
        .output()
        .is_err()
    {
        return Some("git is not installed".to_owned());
    }
    let told = succeed(boatyard(home, home).args(["doctor", "--json"]));
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let rows = told.as_array().unwrap();
    let network = rows
        .iter()
        .find(|row| row["what"] == "network namespaces")
        .unwrap();
    (network["state"] != "ok").then(|| "environments need networks of their own".to_owned())
}

/// The same as on a cluster: see `previewed` in tests/deploy.
#[test]
fn what_happens_here_happens_on_a_cluster() {
    let _alone = alone();
    let home = kept_home();
    if let Some(why) = missing(&home) {
        return not_run(&why);
    }
    let _ = std::fs::remove_dir_all(home.join("serve"));
    let before = Traces::now(&home);
    let played = scenario::play(&scenario::Stage {
        home: &home,
        more: String::new(),
        variables: Vec::new(),
        jumps: true,
        keeps: true,
        answers: true,
        // What is on this machine is in the journal.
        forgets: false,
        look: &|step, id| {
            if step.starts_with("gone ") {
                let printed = printed(&home, id);
                assert!(printed.contains("farewell | bye\n"), "{step}: {printed}");
            }
        },
    });
    if played.is_none() {
        return not_run("there is no static busybox");
    }
    nothing_is_left(&home, &before);
}

#[test]
fn from_a_push_to_nothing_left() {
    let _alone = alone();
    let home = kept_home();
    if let Some(why) = missing(&home) {
        return not_run(&why);
    }
    let _ = std::fs::remove_dir_all(home.join("serve"));
    let before = Traces::now(&home);
    let forge = Forge::new();

    // What nobody knows is taken away: a folder, and the data of a copy.
    let orphans = [
        home.join("serve/environment/aaaaaaaaaaaaaaaa"),
        home.join("volumes/shop-0123456789ab-preview_bbbbbbbbbbbbbbbb/postgres"),
    ];
    for orphan in &orphans {
        std::fs::create_dir_all(orphan).unwrap();
    }

    // A push: prepared, started, answering with a database of its own.
    let mut server = Server::start(&home, &forge.file(), &[]);
    let first = forge.commit("main", "first");
    let main = server.running(&first);
    for orphan in &orphans {
        wait_for("the orphans to go", 60, || (!orphan.exists()).then_some(()));
    }
    assert_eq!(main.post("name=Ada&message=of+main"), 303);
    assert!(main.get("/api/entries").1.contains("of main"));

    // What it has is kept, and gone back to.
    snapshots::kept_and_gone_back_to(&home, &main, |id, source, words| {
        let mut command = boatyard(&home, source);
        let copy = format!("preview_{id}");
        command.args(["--copy", &copy, "exec", "redis", "--"]);
        command.args(words);
        command
    });

    // A second branch beside it, which sees nothing of the first.
    forge.branch("feature/x", "main");
    let feature = server.running_at("feature/x", &first);
    let (status, entries) = feature.get("/api/entries");
    assert_eq!(
        (status, entries.contains("of main")),
        (200, false),
        "{entries}"
    );
    assert!(main.get("/api/entries").1.contains("of main"));
    let refused = Server::refused(&home, &forge.file());
    assert!(refused.contains("another server"), "{refused}");

    // A new commit, and the server is killed while it prepares it: what runs goes on, and so does the work.
    let second = forge.commit("feature/x", "second");
    server.phase(&second, "preparing");
    server.kill();
    let listing = succeed(boatyard(&home, &home).args(["ps", "--all", "--json"]));
    assert!(listing.contains("\"ready\": true"), "{listing}");
    let mut server = Server::start(&home, &forge.file(), &[]);
    let feature = server.running(&second);
    assert!(feature.get("/").1.contains("second"));
    let main = main.through(&server);
    assert!(
        main.get("/api/entries").1.contains("of main"),
        "its data is there"
    );
    server.gone(&first, "feature/x");

    // Without use they sleep; a request wakes them, with what they had.
    forge.idle("2s");
    server.reload();
    let asleep = server.phase(&first, "asleep");
    // Somebody has removed its images meanwhile: they are made again.
    remove_images(&home, asleep["id"].as_str().unwrap());
    let (status, entries) = main.get("/api/entries");
    assert_eq!(status, 200, "{entries}");
    assert!(entries.contains("of main"), "{entries}");

    // The branches go, and nothing is left.
    forge.delete("feature/x");
    forge.delete("main");
    server.gone(&second, "feature/x");
    server.gone(&first, "main");
    // Before its database went somebody could still read in it; what he printed is kept.
    let id = asleep["id"].as_str().unwrap();
    let printed = printed(&home, id);
    assert!(
        printed.contains("farewell | farewell to ['of main']") && printed.contains("cleaned up"),
        "{printed}"
    );
    server.end();
    nothing_is_left(&home, &before);
}

/// What the processes of an environment have printed, also of one that is gone.
fn printed(home: &Path, id: &str) -> String {
    let folder = home.join("serve/log").join(id).join("run");
    let mut parts: Vec<_> = folder.read_dir().unwrap().flatten().collect();
    parts.sort_by_key(std::fs::DirEntry::file_name);
    let text = |part: &std::fs::DirEntry| std::fs::read_to_string(part.path()).unwrap();
    parts.iter().map(text).collect()
}

/// Removes the images of an environment, as somebody does who needs room.
fn remove_images(home: &Path, id: &str) {
    let image = |words: &[&str]| succeed(boatyard(home, home).arg("image").args(words));
    let listing: Value = serde_json::from_str(&image(&["ls", "--json"])).unwrap();
    let names = listing.as_array().unwrap().iter();
    let names = names.filter_map(|one| one["reference"].as_str());
    let its: Vec<&str> = names.filter(|name| name.ends_with(id)).collect();
    assert!(!its.is_empty(), "{listing}");
    image(&[&["rm"], &its[..]].concat());
}
