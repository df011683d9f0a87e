//! What init does beside the main process: probes, logs, what follows the start.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::container::{Container, PATIENCE, User};
use crate::running::Running;

fn container(contract: &str, files: &[(&str, &str)]) -> Option<Container> {
    let container = Container::new()?.contract(contract);
    fs::create_dir_all(container.path("app/state")).unwrap();
    fs::set_permissions(
        container.path("app/state"),
        fs::Permissions::from_mode(0o777),
    )
    .unwrap();
    for (name, text) in files {
        let path = container.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    Some(container)
}

fn start(container: &Container, words: &[&str]) -> Running {
    Running::new(container.command(
        User::Nobody,
        &[&["env", "-C", "/app", "/init"], words].concat(),
    ))
}

/// A role that says `here`, tells of a TERM, and ends with its input.
const ROLE: &str = r#"{"version":1,"project":"p","service":"s","default_role":"web","roles":{"web":
    {"command":["perl","-e","$|=1; $SIG{TERM}=sub{print qq(term\n)}; print qq(here\n); while(1){my $i=chr 1; next if select($i,undef,undef,0.05)<1; my $g=sysread(STDIN,my $b,1); exit 5 if defined $g && !$g}"]READY}}}"#;

/// The status line of an answer, asked at a socket of the container.
fn ask(container: &Container, path: &str) -> String {
    let mut stream = UnixStream::connect(container.path("app/state/probes")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

const OK: &str = "HTTP/1.1 200 OK";
const ILL: &str = "HTTP/1.1 503 Service Unavailable";

/// Asks until the answer is this one.
fn wait_for(container: &Container, path: &str, wanted: &str) {
    let end = Instant::now() + PATIENCE;
    while ask(container, path) != wanted {
        assert!(Instant::now() < end, "{path} is never {wanted}");
        thread::yield_now();
    }
}

#[test]
fn probes_are_answered_from_hooks() {
    let role = ROLE.replace("READY", "");
    let Some(container) = container(
        &role,
        &[(
            "app/.s2i/action_hooks/ready",
            "echo asked >> state/asked; test -e state/ready",
        )],
    ) else {
        return;
    };
    let running = start(
        &container,
        &[
            "--probes",
            "/app/state/probes",
            "--probe-timeout",
            "20",
            "start",
        ],
    );
    running.expect("here");
    assert_eq!(ask(&container, "/ready"), ILL);
    // Without a hook nobody objects.
    assert_eq!(ask(&container, "/alive"), OK);
    assert_eq!(ask(&container, "/else"), "HTTP/1.1 404 Not Found");
    fs::write(container.path("app/state/ready"), "").unwrap();
    wait_for(&container, "/ready", OK);
    // A hundred at once are a few runs of the hook: one for each second that they take.
    fs::remove_file(container.path("app/state/asked")).unwrap();
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..100 {
            scope.spawn(|| assert_eq!(ask(&container, "/ready"), OK));
        }
    });
    let most = 2 + usize::try_from(begun.elapsed().as_secs()).unwrap();
    let asked = fs::read_to_string(container.path("app/state/asked")).unwrap_or_default();
    assert!(
        asked.lines().count() <= most,
        "{} runs, at most {most}",
        asked.lines().count()
    );
    // While it stops, it is not ready.
    running.signal("TERM");
    running.expect("term");
    assert_eq!(ask(&container, "/ready"), ILL);
    assert_eq!(running.end().code, Some(5));
}

#[test]
fn a_slow_hook_is_ended_with_all_its_processes() {
    let role = ROLE.replace("READY", "");
    let Some(container) = container(
        &role,
        &[(
            "app/.s2i/action_hooks/ready",
            "echo $$ > state/hook; sleep 600 & wait; true",
        )],
    ) else {
        return;
    };
    let running = start(&container, &["--probes", "/app/state/probes", "start"]);
    running.expect("here");
    let begun = Instant::now();
    assert_eq!(ask(&container, "/ready"), ILL);
    assert!(begun.elapsed() < Duration::from_secs(20));
    // Nothing but init and the main process is left; the zombies are reaped.
    let init = running.init();
    let end = Instant::now() + PATIENCE;
    loop {
        let children = fs::read_to_string(format!("/proc/{init}/task/{init}/children")).unwrap();
        if children.split_ascii_whitespace().count() == 1 {
            break;
        }
        assert!(Instant::now() < end, "children of init: {children}");
        thread::yield_now();
    }
    let outcome = running.end();
    assert_eq!(outcome.code, Some(5));
    assert!(
        outcome
            .stderr
            .contains("the answer to ready did not come in time"),
        "{outcome:?}"
    );
}

#[test]
fn rubbish_at_the_probe_port_does_no_harm() {
    let role = ROLE.replace("READY", "");
    let Some(container) = container(&role, &[]) else {
        return;
    };
    let running = start(&container, &["--probes", "/app/state/probes", "start"]);
    running.expect("here");
    // A few hundred connections with bytes of all kinds, some of them left open.
    let mut seed = 0x9e37_79b9_u32;
    let mut open = Vec::new();
    for round in 0..300 {
        let mut stream = UnixStream::connect(container.path("app/state/probes")).unwrap();
        let mut bytes = b"GET /ready HTTP/1.1\r\n\r\n".to_vec();
        for _ in 0..8 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = (seed >> 8) as usize % bytes.len();
            bytes[at] = (seed >> 24) as u8;
        }
        let _ = stream.write_all(&bytes.repeat(1 + round % 300));
        open.push(stream);
    }
    assert_eq!(ask(&container, "/alive"), OK);
    drop(open);
    running.signal("TERM");
    running.expect("term");
    assert_eq!(running.end().code, Some(5));
}

#[test]
fn a_role_is_asked_as_its_contract_says() {
    for (ready, before, code) in [
        (r#","ready":"test -e state/ready""#, 1, 0),
        (r#","ready":"tcp://127.0.0.1:1""#, 69, 69),
        (r#","ready":"http://db/""#, 78, 78),
        ("", 0, 0),
    ] {
        let Some(container) = container(&ROLE.replace("READY", ready), &[]) else {
            return;
        };
        let ask = || {
            let line = "/init start & main=$!; /init ready; echo \"code $?\"; touch state/ready; /init ready; echo \"code $?\"";
            crate::container::finish(
                container.command(User::Nobody, &["env", "-C", "/app", "sh", "-c", line]),
            )
        };
        let outcome = ask();
        let codes: Vec<&str> = outcome
            .stdout
            .lines()
            .filter(|line| line.starts_with("code"))
            .collect();
        assert_eq!(
            codes,
            [format!("code {before}"), format!("code {code}")],
            "{ready} {outcome:?}"
        );
    }
}

#[test]
fn post_deploy_follows_readiness() {
    let role = ROLE.replace("READY", r#","ready":"test -e state/ready""#);
    for (strict, code) in [(false, 5), (true, 7)] {
        let Some(container) = container(
            &role,
            &[(
                "app/.s2i/action_hooks/post_deploy",
                "test -e state/ready && echo followed; exit 7",
            )],
        ) else {
            return;
        };
        let value = if strict {
            "BOATYARD_POST_DEPLOY=strict"
        } else {
            "A=b"
        };
        let words = ["env", "-C", "/app", value, "/init", "start"];
        let running = Running::new(container.command(User::Nobody, &words));
        running.expect("here");
        fs::write(container.path("app/state/ready"), "").unwrap();
        running.expect("followed");
        if strict {
            running.expect("term");
        }
        let outcome = running.end();
        assert_eq!(outcome.code, Some(code), "{outcome:?}");
    }
}

#[test]
fn lines_of_the_main_process_are_whole_and_told_apart() {
    let long = 64 * 1024;
    let contract = serde_json::json!({"version": 1, "project": "p", "service": "s", "default_role": "web", "roles": {"web": {
        "command": ["perl", "-e", format!("$|=1; print qq(one\\ntwo); print STDERR qq(bad\\n); print qq( three\\n); print 'x' x {long}, qq(\\n); print 'y' x {}, qq(\\nlast); exit 4", long + 1)]}}});
    let Some(container) = container(&contract.to_string(), &[]) else {
        return;
    };
    let run = |form: &str| {
        let words = ["env", "-C", "/app", "/init", "--log", form, "start"];
        let outcome = crate::container::finish(container.command(User::Nobody, &words));
        assert_eq!(outcome.code, Some(4));
        (outcome.stdout, outcome.stderr)
    };
    let (x, y) = ("x".repeat(long), "y".repeat(long));
    let (stdout, stderr) = run("raw");
    assert_eq!(stderr, "bad\n");
    assert!(
        stdout == format!("one\ntwo three\n{x}\n{y}\ny\nlast\n"),
        "raw"
    );
    let (stdout, stderr) = run("prefix");
    assert_eq!(stderr, "web | bad\n");
    let expected =
        format!("web | one\nweb | two three\nweb | {x}\nweb | {y}\\\nweb | y\nweb | last\n");
    assert!(stdout == expected, "prefix");
    let (stdout, stderr) = run("json");
    let records: Vec<serde_json::Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let messages: Vec<usize> = records
        .iter()
        .map(|record| record["message"].as_str().unwrap().len())
        .collect();
    assert_eq!(messages, [3, 9, long, long, 1, 4]);
    assert_eq!(records[3]["cut"], true);
    assert_eq!(
        (&records[0]["role"], &records[0]["stream"]),
        (&"web".into(), &"stdout".into())
    );
    assert!(records[0]["time"].as_str().unwrap().ends_with('Z'));
    assert!(
        stderr.contains(r#""stream":"stderr","message":"bad""#),
        "{stderr}"
    );
}

#[test]
fn a_flood_that_nobody_reads_does_not_stop_init() {
    let contract = r#"{"version":1,"project":"p","service":"s","default_role":"web","roles":{"web":{"command":
        ["perl","-e","$|=1; $SIG{TERM}=sub{exit 6}; print STDERR qq(flood\n); print 'z' x 1000, qq(\n) while 1"]}}}"#;
    let Some(container) = container(contract, &[]) else {
        return;
    };
    // Nobody reads standard output, which is open; the line that says so is on standard error, which is read.
    let line =
        "mkfifo /app/state/full; exec 8<>/app/state/full; exec /init --log raw start 2>&1 >&8";
    let running =
        Running::new(container.command(User::Nobody, &["env", "-C", "/app", "sh", "-c", line]));
    running.expect("flood");
    running.signal("TERM");
    let outcome = running.end();
    assert_eq!(outcome.code, Some(6), "{:?}", outcome.code);
}

#[test]
fn a_reader_that_goes_away_stops_nothing() {
    let contract = r#"{"version":1,"project":"p","service":"s","default_role":"web","roles":{"web":{"command":
        ["perl","-e","$|=1; for my $n (1..2000) { print 'z' x 1000, qq(\\n); } open F,q(>state/done); exit 6"]}}}"#;
    let Some(container) = container(contract, &[]) else {
        return;
    };
    for form in ["raw", "json"] {
        let line =
            format!("{{ /init --log {form} start; echo $? > state/code; }} | head -n 1 | wc -l");
        let words = ["env", "-C", "/app", "sh", "-c", &line];
        let outcome = crate::container::finish(container.command(User::Nobody, &words));
        assert_eq!(outcome.stdout, "1\n", "{outcome:?}");
        let code = fs::read_to_string(container.path("app/state/code")).unwrap();
        assert_eq!(
            code, "6\n",
            "{form}: the main process wrote all it had to say, and ended by itself"
        );
        fs::remove_file(container.path("app/state/done")).unwrap();
    }
}
