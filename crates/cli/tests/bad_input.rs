//! What goes wrong is named, with the remedy and the right exit code, and nothing is lost.

mod support;

use std::net::TcpListener;
use std::path::Path;

use support::{alone, boatyard, fail, is_root, kept_home, project, succeed};

/// A project that builds in moments once the base is there: one Python program, no dependencies.
fn small(role: &str) -> String {
    format!(
        "[project]\nname = \"small\"\n\n[image]\nbase = \"debian:bookworm\"\npython = \"3.11\"\n\n\
         [service.app]\ncopy = [\"app.py\"]\nroles = [\"web\"]\n\n[role.web]\n{role}\n"
    )
}

/// A project that asks for one release of the Python index.
fn requiring(requirement: &str) -> tempfile::TempDir {
    let text = small("command = \"x\"").replace(
        "python = \"3.11\"",
        "python = \"3.11\"\nrequirements = \"requirements.txt\"",
    );
    let requirements = format!("{requirement}\n");
    project(
        &text,
        &[("app.py", SERVER), ("requirements.txt", &requirements)],
    )
}

const SERVER: &str = "import http.server\nhttp.server.ThreadingHTTPServer((\"0.0.0.0\", 8080), http.server.SimpleHTTPRequestHandler).serve_forever()\n";

/// Size of a folder's files, bytes.
fn size_bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| {
            let meta = entry.metadata().unwrap();
            if meta.is_dir() {
                size_bytes(&entry.path())
            } else {
                meta.len()
            }
        })
        .sum()
}

/// Every message names what is wrong and what to do.
fn assert_says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in:\n{message}");
    }
}

#[test]
fn mistakes_in_the_file_are_shown_at_their_place() {
    let home = kept_home();
    for (text, parts) in [
        ("[project]\nname = 3\n", vec!["boatyard.toml:2:8", "string"]),
        (
            "[project]\nname = \"x\"\n\n[image]\nbose = \"scratch\"\n",
            vec!["boatyard.toml:5:1", "bose", "base"],
        ),
        (
            "[project]\nname = \"x\"\n[service.app]\nroles = [\"wbe\"]\n[role.web]\ncommand = \"x\"\n",
            vec!["boatyard.toml:4:", "wbe", "web"],
        ),
        ("[project\nname = \"x\"\n", vec!["boatyard.toml:1:"]),
    ] {
        let folder = project(text, &[]);
        assert_says(&fail(boatyard(&home, folder.path()).arg("plan"), 2), &parts);
    }
    let empty = tempfile::tempdir().unwrap();
    assert_says(
        &fail(boatyard(&home, empty.path()).arg("plan"), 2),
        &["boatyard.toml"],
    );
}

#[test]
fn a_missing_source_is_named_with_what_looks_alike() {
    let _alone = alone();
    let home = kept_home();
    let folder = project(
        &small("command = \"python3 app.py\""),
        &[("app.pz", SERVER)],
    );
    let message = fail(boatyard(&home, folder.path()).arg("build"), 2);
    assert_says(&message, &["app.py", "app.pz", "boatyard.toml:9"]);
}

#[test]
fn a_package_that_does_not_exist() {
    let _alone = alone();
    let home = kept_home();
    let text = small("command = \"x\"").replace("python = \"3.11\"", "packages = [\"libpq55\"]");
    let folder = project(&text, &[("app.py", SERVER)]);
    let message = fail(boatyard(&home, folder.path()).arg("build"), 2);
    assert_says(&message, &["libpq55", "libpq5"]);
}

#[test]
fn a_requirement_that_does_not_resolve() {
    let _alone = alone();
    let home = kept_home();
    let folder = requiring("flask==0.0.99");
    let message = fail(boatyard(&home, folder.path()).arg("build"), 1);
    assert_says(&message, &["flask==0.0.99", "requirements", "help"]);
}

#[test]
fn a_package_that_does_not_compile() {
    let _alone = alone();
    let home = kept_home();
    // Needs pg_config, which nobody asked for.
    let folder = requiring("psycopg2==2.9.9");
    let message = fail(boatyard(&home, folder.path()).arg("build"), 1);
    assert_says(&message, &["psycopg2", "libpq-dev"]);
}

#[test]
fn a_role_that_dies_at_once() {
    let _alone = alone();
    let home = kept_home();
    let role = "command = 'echo cannot find the moon; exit 3'\nport = 8080";
    let folder = project(&small(role), &[("app.py", SERVER)]);
    let message = fail(
        boatyard(&home, folder.path()).args(["up", "--publish", "web=0"]),
        1,
    );
    assert_says(
        &message,
        &[
            "web",
            "exited with 3",
            "cannot find the moon",
            "boatyard logs web",
        ],
    );
}

#[test]
fn a_role_that_never_answers() {
    let _alone = alone();
    let home = kept_home();
    let role = "command = 'sleep 600'\nport = 8080\nstop = { grace = \"1s\" }";
    let folder = project(&small(role), &[("app.py", SERVER)]);
    let message = fail(
        boatyard(&home, folder.path()).args(["up", "--publish", "web=0", "--timeout", "2s"]),
        1,
    );
    assert_says(&message, &["web", "within 2 s", "8080"]);
}

#[test]
fn a_port_in_use() {
    let _alone = alone();
    let home = kept_home();
    let folder = project(
        &small("command = \"python3 app.py\"\nport = 8080"),
        &[("app.py", SERVER)],
    );
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let publish = format!("web={port}");
    let message = fail(
        boatyard(&home, folder.path()).args(["up", "--publish", &publish]),
        3,
    );
    assert_says(&message, &[&port, "in use", "--publish"]);
    assert!(
        !message.contains("runner"),
        "told before anything is built: {message}"
    );
    drop(taken);
    succeed(boatyard(&home, folder.path()).args(["up", "-d", "--publish", &publish]));
    succeed(boatyard(&home, folder.path()).arg("down"));
}

#[test]
fn no_network() {
    let _alone = alone();
    if !is_root() {
        return support::not_run("a network without anything needs root");
    }
    let home = tempfile::tempdir().unwrap();
    let folder = project(&small("command = \"x\""), &[("app.py", SERVER)]);
    let mut command = std::process::Command::new("unshare");
    command
        .args(["--net", support::BOATYARD, "-C"])
        .arg(folder.path())
        .arg("build")
        .env("BOATYARD_HOME", home.path());
    let message = fail(&mut command, 3);
    assert_says(&message, &["help", "mirror"]);
}

#[test]
fn a_home_that_cannot_be_written() {
    if !is_root() {
        return support::not_run("a read-only mount needs root");
    }
    let folder = project(&small("command = \"x\""), &[("app.py", SERVER)]);
    let script = format!(
        "mount -t tmpfs -o ro none {0}/home && exec {1} -C {0} build",
        folder.path().display(),
        support::BOATYARD
    );
    std::fs::create_dir(folder.path().join("home")).unwrap();
    let mut command = std::process::Command::new("unshare");
    command
        .args(["--mount", "sh", "-c", &script])
        .env("BOATYARD_HOME", folder.path().join("home"));
    let message = fail(&mut command, 3);
    assert_says(&message, &["home", "BOATYARD_HOME"]);
}

#[test]
fn a_full_disk() {
    let _alone = alone();
    if !is_root() {
        return support::not_run("a small file system needs root");
    }
    let folder = project(
        &small("command = \"python3 app.py\""),
        &[("app.py", SERVER)],
    );
    let home = folder.path().join("home");
    std::fs::create_dir(&home).unwrap();
    // Room for the downloads and a part of the tree, then more room: the same home goes on.
    let script = format!(
        "mount -t tmpfs -o size={4}m none {0} && {{ mkdir {0}/cache && cp -a {1}/cache/debian {0}/cache/ 2>/dev/null; {2} -C {3} build; echo ended with $?; \
         {2} -C {3} image fsck && echo store is whole; mount -o remount,size=4g {0}; {2} -C {3} build && echo then it is built; }}",
        home.display(),
        kept_home().display(),
        support::BOATYARD,
        folder.path().display(),
        (size_bytes(&kept_home().join("cache/debian")) >> 20) + 50
    );
    let mut command = std::process::Command::new("unshare");
    command
        .args(["--mount", "sh", "-c", &script])
        .env("BOATYARD_HOME", &home);
    let output = support::output(&mut command);
    let (out, err) = (support::text(&output.stdout), support::text(&output.stderr));
    assert_says(&err, &["the disk is full", "free"]);
    assert_says(
        &out,
        &["ended with 3", "store is whole", "then it is built"],
    );
}

#[test]
fn a_role_that_nobody_knows() {
    let _alone = alone();
    let home = kept_home();
    let folder = project(
        &small("command = \"python3 app.py\""),
        &[("app.py", SERVER)],
    );
    succeed(boatyard(&home, folder.path()).arg("build"));
    let message = fail(boatyard(&home, folder.path()).args(["up", "wbe"]), 2);
    assert_says(&message, &["wbe", "web"]);
    let inside = |args: &[&str]| {
        let mut command = boatyard(&home, folder.path());
        command.args(["run", "--", "boatyard-init"]).args(args);
        fail(&mut command, 1)
    };
    assert_says(&inside(&["start", "wbe"]), &["wbe", "web"]);
}

#[test]
fn the_project_folder_must_exist() {
    let home = kept_home();
    let message = fail(boatyard(&home, Path::new("/does/not/exist")).arg("plan"), 2);
    assert_says(&message, &["/does/not/exist"]);
}
