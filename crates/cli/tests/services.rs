//! A role of several services, described in the project file: nginx in front of gunicorn, both from Debian.

mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use support::{Down, Traces, alone, boatyard, http, kept_home, succeed, wait_for};

const PROJECT: &str = r#"
[project]
name = "services"

[image]
packages = ["gunicorn", "nginx-light"]
shared = ["app.py", "nginx.conf"]

[role.web]
command = "gunicorn --chdir /app --worker-tmp-dir /dev/shm app:app"
port = 18480
ready = "http://:18480/"
stop = { grace = "20s", delay = "1s" }

[role.web.supervise.main]
ready = "notify"
sockets = ["tcp://127.0.0.1:18481"]

[role.web.supervise.nginx]
command = "nginx -c /app/nginx.conf -e /dev/stderr"
after = ["main"]
ready = "tcp://:18480"

[schedule.tidy]
cron = "0 3 * * *"
command = "true"
timezone = "Europe/Paris"
overlap = "queue"
"#;

/// A slow answer ends when nginx has closed its door, so after the stop has begun.
const APPLICATION: &str = "
import socket, time

def slow():
    yield b'begun\\n'
    while True:
        try:
            socket.create_connection(('127.0.0.1', 18480), 5).close()
        except OSError:
            break
        time.sleep(0.05)
    yield b'whole\\n'

def app(environ, start):
    start('200 OK', [('Content-Type', 'text/plain')])
    return slow() if environ['PATH_INFO'] == '/slow' else [b'served\\n']
";

const NGINX: &str = "
daemon off;
worker_processes 1;
pid /dev/shm/nginx.pid;
events {}
http {
    access_log off;
    client_body_temp_path /dev/shm/body;
    proxy_temp_path /dev/shm/proxy;
    fastcgi_temp_path /dev/shm/fastcgi;
    uwsgi_temp_path /dev/shm/uwsgi;
    scgi_temp_path /dev/shm/scgi;
    server {
        listen 18480;
        location / { proxy_pass http://127.0.0.1:18481; proxy_buffering off; }
    }
}
";

#[test]
fn nginx_and_gunicorn_answer_and_finish_what_they_have() {
    let _alone = alone();
    let home = kept_home();
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().to_owned();
    for (name, text) in [
        ("boatyard.toml", PROJECT),
        ("app.py", APPLICATION),
        ("nginx.conf", NGINX),
    ] {
        std::fs::write(project.join(name), text).unwrap();
    }
    let before = Traces::now(&home);
    let _down = Down {
        home: home.clone(),
        project: project.clone(),
    };
    succeed(boatyard(&home, &project).args([
        "up",
        "-d",
        "--publish",
        "web=0",
        "--timeout",
        "300s",
    ]));
    let listing = succeed(boatyard(&home, &project).args(["ps", "--json"]));
    let listing: serde_json::Value = serde_json::from_str(&listing).unwrap();
    let url = listing["processes"][0]["url"].as_str().unwrap();
    let (status, body) = http(url, "GET", "/", "").unwrap();
    assert!(
        status == 200 && body.contains("served\n"),
        "{status} {body:?}"
    );
    // Whoever asks from outside may be answered before init has asked.
    wait_for("nginx to be found ready", 60, || {
        let logs = succeed(boatyard(&home, &project).args(["logs", "web"]));
        let told = ["main is ready", "nginx is ready", "all services are ready"];
        told.iter().all(|told| logs.contains(told)).then_some(())
    });
    // What the image promises on schedule is what was written.
    let init = ["exec", "web", "--", "boatyard-init", "cron", "-check"];
    succeed(boatyard(&home, &project).args(init));

    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    write!(
        stream,
        "GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = BufReader::new(stream);
    let mut line = String::new();
    while line.trim_end() != "begun" {
        line.clear();
        assert_ne!(answer.read_line(&mut line).unwrap(), 0, "no answer");
    }
    succeed(boatyard(&home, &project).arg("down"));
    let mut rest = String::new();
    answer.read_to_string(&mut rest).unwrap();
    assert!(
        rest.contains("whole\n"),
        "the request in flight is lost: {rest:?}"
    );
    assert_eq!(Traces::now(&home), before, "something was left behind");
}
