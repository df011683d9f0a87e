//! A pull request on a real forge, from its first commit to nothing left; beside it a branch that shows the same commit, and a
//! stranger.

use std::collections::BTreeSet;
use std::path::Path;

use crate::checkout::Checkout;
use crate::harbour::{CONTEXT, Harbour, NAME, Seen, open};
use crate::server::Server;
use crate::support::{Traces, alone, boatyard, busybox, kept_home, not_run, succeed};
use crate::{left, missing, nothing_is_left};

/// What the guestbook answers where nobody has written anything.
const EMPTY: &str = r#"{"entries":[]}"#;
/// What a stranger would do: look for what is not his, in the build and when it runs, and try to get out.
const LOOT: [(&str, &str); 2] = [
    (
        "Dockerfile",
        "FROM scratch AS base\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sh\nRUN busybox env > /built && busybox mkdir -m 1777 /tmp\n",
    ),
    (
        "boatyard.toml",
        r#"[project]
name = "loot"
[image]
base = { dockerfile = "Dockerfile", target = "base" }
user = { name = "app", uid = 10001, gid = 10001 }
[service.app]
roles = ["web"]
[role.web]
command = "busybox mkdir -p /tmp/www; busybox cp /built /tmp/www/; busybox env > /tmp/www/runs; boatyard-init wait-for --timeout 1 tcp://192.0.2.1:80 > /tmp/www/out 2>&1; exec busybox httpd -f -p 8080 -h /tmp/www"
port = 8080
stop = { signal = "TERM", grace = "5s" }
"#,
    ),
];

#[test]
fn a_pull_request_on_a_real_forge() {
    let _alone = alone();
    let home = kept_home();
    if let Some(why) = missing(&home) {
        return not_run(&why);
    }
    let Some(harbour) = Harbour::new() else {
        return;
    };
    let _ = std::fs::remove_dir_all(home.join("serve"));
    let before = Traces::now(&home);
    let mut server = Server::start(&home, &harbour.file(), &harbour.variables());
    let hook = harbour.hook(server.address());

    let (first, number, address, comment) = opened(&harbour, &server);
    hooks_are_checked(&server);
    let second = pushed(&harbour, &server, &first, number, &address);
    assert_eq!(harbour.until_comment(number, &second[..12]), comment);
    a_branch_shows_it_too(&harbour, &mut server, &second, &address);

    // Closed: nothing of it is left, and the forge knows. Opened again it is back, at the same address, with nothing in it.
    harbour.set(number, "closed");
    server.gone(&second, &format!("#{number}"));
    harbour.until_status(&second, "success", "gone");
    assert_eq!(
        harbour.until_comment(number, "The preview is gone"),
        comment
    );
    assert_eq!(left(&home), Vec::<String>::new());
    assert_eq!(server.at(&address).get("/").0, 404);
    harbour.set(number, "open");
    let back = harbour.until_status(&second, "success", "ready");
    assert_eq!(back.url, address);
    assert_eq!(harbour.until_comment(number, "[Open the preview]"), comment);
    assert_eq!(entries(&server, &address), EMPTY);

    a_stranger(&harbour, &mut server, &home);

    // The hook is lost: whoever asks finds out.
    let (status, _) = harbour
        .ada
        .ask(&format!("DELETE /repos/{NAME}/hooks/{hook}"), None);
    assert_eq!(status, 204);
    harbour.configure("5s");
    server.reload();
    harbour.set(number, "closed");
    server.gone(&second, &format!("#{number}"));
    harbour.until_status(&second, "success", "gone");

    server.end();
    drop(harbour);
    nothing_is_left(&home, &before);
}

/// A pull request is opened: pending, then success with an address, at which the application answers with a database of its own.
/// The commit, the number, the address, the comment.
fn opened(harbour: &Harbour, server: &Server) -> (String, u64, String, u64) {
    harbour.clone.say("first");
    let first = harbour.clone.push("till", "A till");
    let number = open(&harbour.ada, "till");
    let seen = harbour.until_status(&first, "success", "ready");
    let all = harbour.statuses(&first);
    assert_eq!(all.first().unwrap().state, "pending", "{all:?}");
    let is_ours = |seen: &Seen| seen.context == CONTEXT && seen.by == "boats";
    assert!(all.iter().all(is_ours), "{all:?}");
    let comment = harbour.until_comment(number, &format!("[Open the preview]({})", seen.url));
    let till = server.at(&seen.url);
    assert!(till.get("/").1.contains("first"));
    assert_eq!(till.post("name=Ada&message=of+the+till"), 303);
    let entries = entries(server, &seen.url);
    assert!(entries.contains("of the till"), "{entries}");
    (first, number, seen.url, comment)
}

/// What is not signed, or by somebody else, is not read.
fn hooks_are_checked(server: &Server) {
    let body = format!(
        r#"{{"repository": {{"full_name": "{NAME}"}}, "ref": "till", "ref_type": "branch"}}"#
    );
    let signature = "0".repeat(64);
    for more in ["", &format!("X-Gitea-Signature: {signature}\r\n")] {
        let headers = format!("X-Gitea-Event: delete\r\n{more}");
        let status = server.hook("/hooks/tea", &headers, &body);
        assert_eq!(status, 401, "{headers}");
    }
}

/// A commit is pushed: it takes the place of the one before, at the same address, with a database of its own.
fn pushed(harbour: &Harbour, server: &Server, first: &str, number: u64, address: &str) -> String {
    harbour.clone.say("second");
    let second = harbour.clone.push("till", "Mend the till");
    let seen = harbour.until_status(&second, "success", "ready");
    assert_eq!(seen.url, address);
    assert_eq!(harbour.statuses(&second).first().unwrap().state, "pending");
    harbour.until_status(first, "success", "replaced by a newer commit");
    harbour.until_comment(number, &second[..12]);
    let till = server.at(address);
    let (status, page) = till.get("/");
    assert_eq!((status, page.contains("second")), (200, true), "{page}");
    assert_eq!(entries(server, address), EMPTY);
    second
}

/// A branch at the same commit has an environment and a status of its own; both are gone with the branch.
fn a_branch_shows_it_too(harbour: &Harbour, server: &mut Server, commit: &str, address: &str) {
    let branch = "release/1";
    harbour.clone.git(&[
        "push",
        "--quiet",
        "origin",
        &format!("{commit}:refs/heads/{branch}"),
    ]);
    let of_branch = format!("{CONTEXT} {branch}");
    let seen = harbour.until(commit, &of_branch, "success", "ready");
    assert_ne!(seen.url, address);
    assert_eq!(entries(server, &seen.url), EMPTY);
    let contexts: BTreeSet<String> = harbour
        .statuses(commit)
        .into_iter()
        .map(|seen| seen.context)
        .collect();
    assert_eq!(
        contexts,
        BTreeSet::from([CONTEXT.to_owned(), of_branch.clone()])
    );
    harbour.clone.git(&[
        "push",
        "--quiet",
        "origin",
        &format!(":refs/heads/{branch}"),
    ]);
    server.gone(commit, branch);
    harbour.until(commit, &of_branch, "success", "gone");
    harbour.until_status(commit, "success", "ready");
}

/// The pull request of somebody who may not write waits for approval, and gets nothing that is not its own.
fn a_stranger(harbour: &Harbour, server: &mut Server, home: &Path) {
    let Some(busybox) = busybox() else {
        return not_run("busybox is not installed (Debian: busybox-static)");
    };
    harbour
        .eve
        .post(&format!("/repos/{NAME}/forks"), &serde_json::json!({}));
    let fork = Checkout::new(harbour.folder("fork"), &harbour.eve.remote("eve/guestbook"));
    fork.git(&["fetch", "--quiet", "origin", "main"]);
    fork.git(&["checkout", "--quiet", "-b", "loot", "FETCH_HEAD"]);
    fork.git(&["rm", "--quiet", "-r", "."]);
    for (name, text) in LOOT {
        std::fs::write(fork.folder().join(name), text).unwrap();
    }
    std::fs::copy(busybox, fork.folder().join("busybox")).unwrap();
    let commit = fork.push("loot", "Nothing special");
    let number = open(&harbour.eve, "eve:loot");
    harbour.until_status(&commit, "pending", "somebody has to approve");
    harbour.until_comment(number, &format!("/preview approve {commit}\n"));
    let said = server.phase(&commit, "unapproved");
    let id = said["id"].as_str().unwrap();
    assert!(!home.join("serve/environment").join(id).exists());

    let server_url = format!("http://{}", server.address());
    let mut approve = boatyard(home, home);
    approve
        .args(["preview", "approve", id, &commit, "--server", &server_url])
        .env("BOATYARD_TOKEN", "abc");
    succeed(&mut approve);
    let seen = harbour.until_status(&commit, "success", "ready");
    let loot = server.at(&seen.url);
    for path in ["/built", "/runs"] {
        let (status, text) = loot.get(path);
        assert_eq!(status, 200, "{path}");
        for secret in harbour.secrets() {
            assert!(!text.contains(secret), "{path}: {text}");
        }
    }
    let out = loot.get("/out").1;
    assert!(out.contains("(os error 101)"), "{out}");
    harbour.set(number, "closed");
    server.gone(&commit, &format!("#{number}"));
    harbour.until_comment(number, "The preview is gone");
    a_reader(harbour, server, &fork);
}

/// What is pushed for review takes no fork and only the right to read, and its forge says that its head is of this repository:
/// it is a stranger's all the same.
fn a_reader(harbour: &Harbour, server: &mut Server, fork: &Checkout) {
    std::fs::write(fork.folder().join("note"), "for review").unwrap();
    let commit = fork.push("review", "For review");
    let shop = harbour.eve.remote(NAME);
    let words = [
        "push",
        "--quiet",
        "-o",
        "topic=loot",
        &shop,
        "HEAD:refs/for/main",
    ];
    fork.git(&words);
    harbour.until_status(&commit, "pending", "somebody has to approve");
    server.phase(&commit, "unapproved");
    let all = harbour.ada.get(&format!("/repos/{NAME}/pulls?state=open"));
    let mut open = all.as_array().unwrap().iter();
    let one = open.find(|one| one["head"]["sha"] == *commit).unwrap();
    assert_eq!(one["head"]["repo"]["full_name"], NAME, "{one}");
    harbour.set(one["number"].as_u64().unwrap(), "closed");
}

fn entries(server: &Server, address: &str) -> String {
    let (status, entries) = server.at(address).get("/api/entries");
    assert_eq!(status, 200, "{entries}");
    entries.trim().to_owned()
}
