//! What commands run under (`--add-host`, `--shm-size`, `--ulimit`), and questions that are answered instead (`--call`).

mod dockerfile;
mod support;

use dockerfile::{Context, Events};
use serde_json::{Value, json};
use support::{alone, boatyard, fail, kept_home, output, succeed};

/// Prints what a command sees, and leaves it out of the layer but for one file.
const SEEN: &str = "\
FROM debian:bookworm
RUN echo WORD && grep -c 10.9.8.7 /etc/hosts; getent hosts db; ulimit -Sn; ulimit -Hn; \
df --output=size -B1 /dev/shm | tail -1; ulimit -Sn > /limit
";

#[test]
fn commands_run_under_what_is_said() {
    let _alone = alone();
    let context = Context::new(SEEN, &[]);
    let conditions = [
        "--add-host=db:10.9.8.7",
        "--add-host=up:host-gateway",
        "--shm-size=8m",
        "--ulimit=nofile=100:200",
    ];
    let events = context.build(&conditions);
    let output = events.output();
    // The base may have to be made before.
    let lines = output.lines().map(str::trim);
    let lines: Vec<&str> = lines.skip_while(|line| *line != context.word).collect();
    assert_eq!(lines[1], "1", "{output}");
    assert_eq!(
        lines[2].split_whitespace().collect::<Vec<_>>(),
        ["10.9.8.7", "db"]
    );
    assert_eq!(lines[3..5], ["100", "200"], "{output}");
    assert_eq!(lines[5], (8 << 20).to_string(), "{output}");
    // In no layer, and in no container.
    assert_eq!(context.run(&["cat", "/limit"]).trim(), "100");
    assert!(!context.run(&["cat", "/etc/hosts"]).contains("10.9.8.7"));

    // They are part of what the result depends on.
    let again = context.build(&conditions);
    assert_eq!(again.ended("done"), [""; 0], "found again");
    let other = context.build(&["--add-host=db:10.9.8.6"]);
    assert_eq!(other.ended("done").len(), 1, "made anew");
    assert!(other.output().contains("10.9.8.6"));
}

/// What a machine does not permit is told, and commands get what it does.
#[test]
fn limits_are_clamped_and_told() {
    let _alone = alone();
    let context = Context::new("FROM debian:bookworm\nRUN echo WORD && ulimit -Hn\n", &[]);
    // More than any kernel permits (fs.nr_open is below 2^31).
    let events = context.build(&["--ulimit", "nofile=1024:4000000000"]);
    let notice = events.0.iter().any(|event| {
        let message = event["message"].as_str().unwrap_or_default();
        message.contains("--ulimit nofile: this machine permits")
    });
    assert!(notice, "{:?}", events.0);
    let most: u64 = events.output().lines().last().unwrap().parse().unwrap();
    assert!(most < 4_000_000_000);

    let context = Context::new("FROM scratch\nLABEL a=WORD\n", &[]);
    let mut command = context.command(&["--shm-size=8m", "--json"]);
    let events = Events::of(&succeed(command.env("BOATYARD_ISOLATION", "chroot")));
    let told = events.0.iter().any(|event| {
        let message = event["message"].as_str().unwrap_or_default();
        message.contains("--shm-size: without mounts")
    });
    assert!(told, "{:?}", events.0);
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    let _alone = alone();
    let context = Context::new("FROM scratch\nLABEL a=WORD\n", &[]);
    for (words, expected) in [
        (vec!["--add-host=db"], "--add-host db: it has another form"),
        (vec!["--add-host=db:ten"], "\"ten\" is not an IP address"),
        (vec!["--ulimit=nofiles=1"], "did you mean \"nofile\""),
        (
            vec!["--ulimit=nofile=2:1"],
            "the soft limit is above the hard one",
        ),
        (vec!["--shm-size=much"], "--shm-size much"),
        (
            vec!["--call=lunch"],
            "--call lunch: there is no such question",
        ),
        (vec!["--memory=2g"], "systemd-run"),
        (
            vec!["-m", "2g"],
            "--memory 2g: commands are children of this process",
        ),
        (vec!["-c", "512"], "--cpu-shares 512"),
        (vec!["--cgroup-parent=/a"], "--slice=NAME"),
        (
            vec!["--allow=security.insecure"],
            "--allow security.insecure",
        ),
        (vec!["--builder=mine"], "--builder mine"),
        (
            vec!["--security-opt=label=disable"],
            "--security-opt label=disable",
        ),
        (vec!["--isolation=hyperv"], "--isolation hyperv"),
    ] {
        let said = context.refuse(&words, 2);
        assert!(said.contains(expected), "{words:?}: {said}");
    }
    // What is so anyway.
    context.build(&[
        "--builder=default",
        "--isolation=default",
        "--allow=network.host",
        "--disable-content-trust",
        "--memory=0",
        "--call=build",
    ]);
}

const SEVERAL: &str = "\
# VERSION of the server
ARG VERSION=1.2
ARG UNUSED=1
FROM debian:$VERSION AS Base
# TOOLS to compile with
ARG TOOLS=gcc
FROM base AS test
RUN --mount=type=secret,id=never true
# server what customers get
FROM base AS server
ARG TOOLS
ARG PORT
ARG FOUND=$PATH
RUN --mount=type=secret,id=token,required=true --mount=type=ssh true
RUN --mount=type=secret,id=other true
";

#[test]
fn questions_are_answered() {
    let _alone = alone();
    let context = Context::new(SEVERAL, &[]);
    let home = kept_home();
    let ask = |words: &[&str]| {
        let mut command = boatyard(&home, context.folder.path());
        succeed(command.arg("build").args(words).arg("."))
    };
    assert_eq!(
        ask(&["--call=targets"]),
        "TARGET            DESCRIPTION\nbase\ntest\nserver (default)  what customers get\n"
    );
    assert_eq!(
        ask(&["--call=outline", "--build-arg=PORT=80"]),
        "\
TARGET:      server
DESCRIPTION: what customers get

BUILD ARG  VALUE  DESCRIPTION
VERSION    1.2    of the server
TOOLS
PORT       80
FOUND

SECRET  REQUIRED
token   true
other

SSH      REQUIRED
default
"
    );
    let json: Value =
        serde_json::from_str(&ask(&["--call=outline", "--json", "--target=base"])).unwrap();
    let line =
        |line: u32| json!({ "ranges": [{ "start": { "line": line }, "end": { "line": line } }] });
    assert_eq!(
        json,
        json!({ "name": "base", "args": [
            { "name": "VERSION", "description": "of the server", "value": "1.2", "location": line(2) },
            { "name": "TOOLS", "description": "to compile with", "value": "gcc", "location": line(6) },
        ]})
    );
    let json: Value = serde_json::from_str(&ask(&["--call=targets,format=json"])).unwrap();
    assert_eq!(
        json["targets"][2],
        json!({ "name": "server", "default": true, "description": "what customers get", "base": "base",
                "location": line(10) })
    );
    let wrong = Context::new("FROM scratch\nCMD run\n", &[]);
    let mut command = boatyard(&home, wrong.folder.path());
    let found = output(command.args(["build", "--call=check,format=json", "."]));
    let json: Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(
        (found.status.code(), &json["error"]["exit_code"]),
        (Some(1), &json!(1))
    );
    assert_eq!(json["error"]["diagnostics"][0]["line"], 2, "{json}");
    let mut command = boatyard(&home, context.folder.path());
    let said = fail(
        command.args(["build", "--call=outline", "--target=sever", "."]),
        2,
    );
    assert!(said.contains("there is no stage \"sever\""), "{said}");
}
