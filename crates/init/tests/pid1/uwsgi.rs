//! nginx in front of uWSGI, both configured from layers: the images of grocker.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::container::{Container, User};
use crate::http::{get, port};
use crate::running::Running;

/// Debian's name of the plugin, a link by way of `/etc/alternatives`, which the container does not have.
const PLUGIN: &str = "/usr/lib/uwsgi/plugins/python3_plugin.so";

/// Tells by a file that a request has come in, and answers when a second file is there.
const APPLICATION: &str = "import os, time\ndef application(environ, start):\n    if environ['PATH_INFO'] == '/slow':\n        open('/state/begun', 'w').close()\n        while not os.path.exists('/state/go'):\n            time.sleep(0.05)\n    start('200 OK', [('Content-Type', 'text/plain')])\n    return [b'served']\n";

/// Renders a file of init's before the services that need it.
fn rendered(name: &str) -> String {
    format!(
        r#"{{"command":"/init config render {name} -o /state/{name}","habits":{{"oneshot":true}}}}"#
    )
}

/// The application with a role that renders `uwsgi.ini` and runs uWSGI, beside these services. Its stop is as `boatyard build`
/// writes it for this command.
fn with(signal: &str, services: &str, back: u16, settings: &str) -> Option<Container> {
    let programs = ["/usr/sbin/nginx", "/usr/bin/uwsgi-core", PLUGIN];
    if let Some(missing) = programs.iter().find(|path| !Path::new(path).exists()) {
        let line = format!("not run: there is no {missing}\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
        return None;
    }
    let render = rendered("uwsgi.ini");
    let container = Container::new()?.contract(&format!(
        r#"{{"version":1,"project":"p","service":"s","roles":{{"web":{{
            "command":"uwsgi-core --ini /state/uwsgi.ini","stop":{{"signal":"{signal}","grace_secs":25}},
            "supervise":{{"main":{{"after":["uwsgi-ini"]}},"main_ready":"tcp://127.0.0.1:{back}","services":{{
                {services}"uwsgi-ini":{render}}}}}}}}}}}"#
    ));
    for folder in ["state", "app", "etc/nginx", "config/app"] {
        fs::create_dir_all(container.path(folder)).unwrap();
    }
    fs::set_permissions(container.path("state"), fs::Permissions::from_mode(0o777)).unwrap();
    for file in ["mime.types", "uwsgi_params"] {
        let host = Path::new("/etc/nginx").join(file);
        fs::copy(host, container.path("etc/nginx").join(file)).unwrap();
    }
    let plugin = fs::canonicalize(PLUGIN).unwrap();
    let image = format!(
        "[uwsgi]\nmodule = shop\nchdir = /app\nplugins = {}\nsocket = 127.0.0.1:1\n",
        plugin.display()
    );
    for (name, text) in [
        ("app/shop.py", APPLICATION),
        ("config/app/10_image.ini", &image),
        ("config/app/50_here.ini", settings),
    ] {
        fs::write(container.path(name), text).unwrap();
    }
    Some(container)
}

/// A request is in flight at `front` at the time of a stop; `stops` returns when the stop has come there.
fn finishes(container: &Container, front: u16, stops: impl Fn(&Running)) {
    let line = "exec /init start web 2>&1";
    let running = Running::new(container.command(User::Nobody, &["sh", "-c", line]));
    running.tells("all services are ready");
    assert!(get(front, "/").unwrap().ends_with("served"));
    let slow = thread::spawn(move || get(front, "/slow"));
    while !container.path("state/begun").exists() {
        thread::park_timeout(Duration::from_millis(20));
    }
    // The other worker answers, so it has started: uWSGI loses what it tells one that still loads the application.
    assert!(get(front, "/").unwrap().ends_with("served"));
    running.signal("TERM");
    running.tells("stopping all services");
    stops(&running);
    fs::write(container.path("state/go"), "").unwrap();
    let answer = slow.join().unwrap().unwrap_or_default();
    assert!(answer.ends_with("served"), "the request in flight is lost");
    let outcome = running.end();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

#[test]
fn nginx_and_uwsgi_finish_what_they_have() {
    let (front, back) = (port(), port());
    let services = format!(
        r#""nginx-conf":{},"nginx":{{"command":"nginx -c /state/nginx.conf -e /dev/stderr","ready":"tcp://127.0.0.1:{front}",
            "stop":{{"signal":"QUIT","grace_secs":20}},"habits":{{"after":["main","nginx-conf"]}}}},"#,
        rendered("nginx.conf")
    );
    let settings = format!(
        "[nginx]\nlisten = 127.0.0.1:{front}\nrun = /state\nuwsgi = 127.0.0.1:{back}\n[uwsgi]\nsocket = 127.0.0.1:{back}\n"
    );
    if let Some(container) = with("QUIT", &services, back, &settings) {
        // It takes no new connections.
        finishes(&container, front, |_| {
            while get(front, "/").is_ok_and(|answer| answer.ends_with("served")) {
                thread::park_timeout(Duration::from_millis(20));
            }
        });
    }
}

#[test]
fn uwsgi_alone_finishes_what_it_has() {
    for signal in ["QUIT", "TERM"] {
        let back = port();
        let settings = format!("[uwsgi]\nhttp = 127.0.0.1:{back}\n");
        if let Some(container) = with(signal, "", back, &settings) {
            // It keeps its socket, so its word has to do.
            finishes(&container, back, |running| {
                running.tells("racefully killing worker");
            });
        }
    }
}
