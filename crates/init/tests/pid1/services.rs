//! Several services as PID 1's children.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::container::{Container, User};
use crate::http::{get, port};
use crate::running::Running;

fn start(container: &Container, variables: &str) -> Running {
    let line = format!("{variables} exec /init start web 2>&1");
    Running::new(container.command(User::Nobody, &["sh", "-c", &line]))
}

/// The next line that holds this.
fn line(running: &Running, part: &str) -> String {
    loop {
        let line = running.line();
        if line.contains(part) {
            return line;
        }
    }
}

fn with(role: &str) -> Option<Container> {
    let contract =
        format!(r#"{{"version":1,"project":"p","service":"s","roles":{{"web":{role}}}}}"#);
    Some(Container::new()?.contract(&contract))
}

#[test]
fn order_readiness_and_a_stop_in_reverse() {
    // main says READY=1 to the socket; second writes a line to a descriptor; third is asked by a command.
    let role = r#"{"command":["perl","-MIO::Socket::UNIX","-e",
            "$|=1;$SIG{TERM}=sub{print qq(main stops\\n);exit 0};print qq(main runs\\n);(my $n=$ENV{NOTIFY_SOCKET})=~s/^@/\\0/;my $s=IO::Socket::UNIX->new(Type=>2,Peer=>$n);$s->send(qq(STATUS=x\\nREADY=1));sleep 1 while 1"],
            "ready":"notify","stop":{"signal":"TERM","grace_secs":20},"supervise":{"services":{
            "second":{"command":"trap 'echo second stops; exit 0' QUIT; echo second runs; echo >&5; while :; do sleep 0.1; done",
                      "ready":"fd:5","stop":{"signal":"QUIT","grace_secs":10},"habits":{"after":["main"]}},
            "third":{"command":"trap 'echo third stops; exit 0' TERM; echo third runs; touch /dev/shm/third; while :; do sleep 0.1; done",
                      "ready":"test -e /dev/shm/third","habits":{"after":["second"]}}}}}"#;
    let Some(container) = with(role) else {
        return;
    };
    let running = start(&container, "");
    for wanted in [
        "main | main runs",
        "main is ready",
        "second | second runs",
        "second is ready",
        "third | third runs",
        "all services are ready",
    ] {
        line(&running, wanted);
    }
    running.signal("TERM");
    for wanted in [
        "third | third stops",
        "second | second stops",
        "main | main stops",
    ] {
        line(&running, wanted);
    }
    let outcome = running.end();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

#[test]
fn who_is_essential_ends_all_with_its_code() {
    let Some(container) = with(
        r#"{"command":"trap 'echo main stops; exit 0' TERM; echo >&5; while :; do sleep 0.1; done","ready":"fd:5","stop":{"signal":"TERM","grace_secs":20},
            "supervise":{"services":{"worker":{"command":"echo worker runs; exit 7","habits":{"after":["main"]}}}}}"#,
    ) else {
        return;
    };
    let outcome = start(&container, "").end();
    assert_eq!(outcome.code, Some(7), "{outcome:?}");
    assert!(outcome.stdout.contains("main | main stops"), "{outcome:?}");
    let Some(container) = with(
        r#"{"command":"sleep 1000","stop":{"signal":"TERM","grace_secs":20},"supervise":{"services":{
            "gone":{"command":["/no/such/program"],"habits":{"after":["main"]}}}}}"#,
    ) else {
        return;
    };
    assert_eq!(start(&container, "").end().code, Some(127));
}

#[test]
fn who_is_not_is_started_again() {
    let Some(container) = with(
        r#"{"command":"echo main runs; sleep 1000","stop":{"signal":"TERM","grace_secs":20},
            "supervise":{"services":{"ship":{"command":"echo shipped; exit 1","habits":{"essential":false}}}}}"#,
    ) else {
        return;
    };
    let running = start(&container, "");
    for _ in 0..3 {
        line(&running, "ship | shipped");
        line(&running, "ship starts again in");
    }
    running.signal("TERM");
    assert_eq!(running.end().code, Some(0));
}

#[test]
fn who_does_not_stop_is_killed_within_the_budget() {
    let Some(container) = with(
        r#"{"command":"trap '' TERM; echo main runs; while :; do sleep 0.1; done","stop":{"signal":"TERM","grace_secs":20},"supervise":{}}"#,
    ) else {
        return;
    };
    let running = start(&container, "STOP_GRACE=2s");
    line(&running, "main runs");
    running.signal("TERM");
    line(&running, "main did not end in time and is killed");
    assert_eq!(running.end().code, Some(137));
}

#[test]
fn an_answer_by_http_and_a_file_make_ready() {
    let port = port();
    // Answers three questions with 503, a fourth with the headers of a page elsewhere; the test sees each.
    let server = r"use IO::Socket::INET; $|=1; $SIG{TERM}=sub{exit 0};
        my $s=IO::Socket::INET->new(LocalAddr=>qq(127.0.0.1:$ENV{AT}),Listen=>9,ReuseAddr=>1) or die;
        for (my $n=1;;) { my $c=$s->accept or next; my $l=<$c>; next unless $l; my $code=$n++ < 4 ? 503 : 302;
            print qq($code $l); print $c qq(HTTP/1.0 $code x\r\n\r\n) }";
    let Some(container) = with(&format!(
        r#"{{"command":["perl","/server"],"ready":"http://127.0.0.1:{port}/up?x=1","stop":{{"signal":"TERM","grace_secs":20}},
            "supervise":{{"main":{{"env":{{"AT":"{port}"}}}},"services":{{
            "second":{{"command":"echo second runs; touch /dev/shm/up; exec sleep 1000","ready":"file:/dev/shm/up","habits":{{"after":["main"]}}}}}}}}}}"#
    )) else {
        return;
    };
    fs::write(container.path("server"), server).unwrap();
    let running = start(&container, "");
    let seen: Vec<String> = (0..60)
        .map(|_| running.line())
        .take_while(|line| !line.contains("all services are ready"))
        .filter(|line| {
            line.contains("main |") || line.contains("ready") || line.contains("second |")
        })
        .map(|line| line.trim_end().to_owned())
        .collect();
    running.signal("TERM");
    let outcome = running.end();
    let refused = "main | 503 GET /up?x=1 HTTP/1.1";
    assert_eq!(
        seen,
        [
            refused,
            refused,
            refused,
            "main | 302 GET /up?x=1 HTTP/1.1",
            "boatyard-init: main is ready",
            "second | second runs",
            "boatyard-init: second is ready"
        ],
        "{outcome:?}"
    );
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

const APPLICATION: &str = "import os, time\ndef app(environ, start):\n    path = environ['PATH_INFO']\n    if path == '/slow':\n        time.sleep(3)\n    if path == '/die':\n        os.kill(os.getppid(), 9)\n    start('200 OK', [('Content-Type', 'text/plain')])\n    return [b'served']\n";

/// nginx in front of gunicorn, whose socket init holds; nobody if they are not on this machine.
fn web(port: u16, back: u16, probes: u16, restart: &str) -> Option<(Container, String)> {
    if let Some(missing) = ["/usr/sbin/nginx", "/usr/bin/gunicorn"]
        .iter()
        .find(|path| !Path::new(path).exists())
    {
        let _ = std::io::stderr().write_all(format!("not run: there is no {missing}\n").as_bytes());
        return None;
    }
    let container = with(&format!(
        r#"{{"command":"/usr/bin/gunicorn --chdir / --worker-tmp-dir /dev/shm app:app","ready":"notify","stop":{{"signal":"TERM","grace_secs":20}},
            "supervise":{{"stop_delay_secs":4,"main":{{"sockets":["tcp://127.0.0.1:{back}"]{restart}}},"services":{{
            "nginx":{{"command":"exec /usr/sbin/nginx -c /nginx.conf -e /dev/stderr","ready":"tcp://127.0.0.1:{port}","stop":{{"signal":"QUIT","grace_secs":15}},
                      "habits":{{"after":["main"]}}}}}}}}}}"#
    ))?;
    fs::write(container.path("app.py"), APPLICATION).unwrap();
    fs::write(
        container.path("nginx.conf"),
        format!(
            "daemon off;\npid /dev/shm/nginx.pid;\nevents {{}}\nhttp {{ access_log off;\n{}server {{ listen 127.0.0.1:{port};\n location / {{ proxy_pass http://127.0.0.1:{back}; }} }} }}\n",
            ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|name| format!("{name}_temp_path /dev/shm/nginx;\n")).concat()
        ),
    )
    .unwrap();
    // On a machine with nss_wrapper, gunicorn would ask it for groups, which needs more than this container has.
    Some((
        container,
        format!("NSS_WRAPPER_PASSWD=none BOATYARD_PROBES=127.0.0.1:{probes}"),
    ))
}

#[test]
fn nginx_and_gunicorn_finish_what_they_have() {
    let (port, back, probes) = (port(), port(), port());
    let Some((container, variables)) = web(port, back, probes, "") else {
        return;
    };
    let running = start(&container, &variables);
    line(&running, "all services are ready");
    assert!(get(port, "/").unwrap().ends_with("served"));
    assert!(get(probes, "/ready").unwrap().contains(" 200 "));
    let slow = thread::spawn(move || get(port, "/slow"));
    thread::park_timeout(Duration::from_millis(300));
    running.signal("TERM");
    line(&running, "stopping all services");
    // No longer ready, and serving for four seconds still.
    assert!(get(probes, "/ready").unwrap().contains(" 503 "));
    assert!(get(port, "/").unwrap().ends_with("served"));
    assert!(
        slow.join().unwrap().unwrap().ends_with("served"),
        "the request in flight is lost"
    );
    let outcome = running.end();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

#[test]
fn a_restart_turns_nobody_away() {
    let (port, back, probes) = (port(), port(), port());
    let Some((container, variables)) = web(port, back, probes, r#","restart":"always""#) else {
        return;
    };
    let running = start(&container, &variables);
    line(&running, "all services are ready");
    // gunicorn's master is killed: requests wait in the socket that init holds.
    let _ = get(back, "/die");
    line(&running, "main starts again in");
    for _ in 0..5 {
        assert!(get(back, "/").unwrap().ends_with("served"));
    }
    line(&running, "main is ready");
    assert!(get(port, "/").unwrap().ends_with("served"));
    running.signal("TERM");
    let outcome = running.end();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

#[test]
fn nginx_killed_ends_all_with_137() {
    let (port, back, probes) = (port(), port(), port());
    let Some((container, variables)) = web(port, back, probes, "") else {
        return;
    };
    let running = start(&container, &variables);
    line(&running, "all services are ready");
    let pid = fs::read_to_string(format!("/proc/{0}/task/{0}/children", running.init())).unwrap();
    let nginx = pid
        .split_whitespace()
        .find(|pid| {
            fs::read_to_string(format!("/proc/{pid}/cmdline"))
                .is_ok_and(|words| words.contains("nginx"))
        })
        .unwrap()
        .to_owned();
    assert!(
        std::process::Command::new("kill")
            .args(["-9", &nginx])
            .status()
            .unwrap()
            .success()
    );
    let outcome = running.end();
    assert_eq!(outcome.code, Some(137), "{outcome:?}");
}
