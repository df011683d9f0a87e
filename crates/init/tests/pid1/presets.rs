//! Servers that finish what they do only on a signal of their own: Apache and PHP, with the stop that their command has by
//! itself.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use boatyard_init::contract::Command;
use boatyard_init::preset;

use crate::container::{Container, PATIENCE, User};
use crate::http::{get, port};
use crate::running::Running;

/// A role with this command, whose stop is as `boatyard build` writes it; with a folder to write to.
fn with(command: &str, ready: &str) -> Option<Container> {
    let signal = preset::of(&Command::Line(command.to_owned()))
        .signal
        .to_string();
    let container = Container::new()?.contract(&format!(
        r#"{{"version":1,"project":"p","service":"s","roles":{{"web":{{"command":"{command}","ready":"{ready}",
            "stop":{{"signal":"{signal}","grace_secs":25}},"supervise":{{}}}}}}}}"#
    ));
    fs::create_dir(container.path("state")).unwrap();
    fs::set_permissions(container.path("state"), fs::Permissions::from_mode(0o777)).unwrap();
    Some(container)
}

fn start(container: &Container) -> Running {
    let line = "exec /init start web 2>&1";
    let running = Running::new(container.command(User::Nobody, &["sh", "-c", line]));
    let mut said = Vec::new();
    while !said
        .iter()
        .any(|line: &String| line.contains("all services are ready"))
    {
        said.push(running.next().unwrap_or_else(|| panic!("{said:?}")));
    }
    running
}

fn not_run(missing: &str) {
    let line = format!("not run: there is no {missing}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "never: {what}");
        thread::park_timeout(Duration::from_millis(20));
    }
}

/// Apache in front of a server that is this test, with this signal instead of its own, if any: what the client gets of a
/// request that is in flight when the stop comes.
fn in_flight_at_apache(signal: Option<&str>) -> Option<String> {
    let (apache, modules) = ("/usr/sbin/apache2", "/usr/lib/apache2/modules");
    if !Path::new(apache).exists() {
        not_run(apache);
        return None;
    }
    let (front, back) = (port(), TcpListener::bind("127.0.0.1:0").unwrap());
    let command = format!("{apache} -DFOREGROUND -f /httpd.conf");
    let container = with(&command, &format!("tcp://127.0.0.1:{front}"))?;
    if let Some(signal) = signal {
        let path = container.path("etc/boatyard/contract.json");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text.replace("WINCH", signal)).unwrap();
    }
    let load = ["mpm_event", "authz_core", "proxy", "proxy_http"]
        .map(|name| format!("LoadModule {name}_module {modules}/mod_{name}.so\n"))
        .concat();
    let port = back.local_addr().unwrap().port();
    fs::write(
        container.path("httpd.conf"),
        format!(
            "{load}ServerRoot /state\nServerName localhost\nDefaultRuntimeDir /state\nPidFile /state/pid\nMutex file:/state\n\
             ErrorLog /dev/stderr\nListen 127.0.0.1:{front}\nProxyPass / http://127.0.0.1:{port}/\n"
        ),
    )
    .unwrap();
    let running = start(&container);
    let client = thread::spawn(move || get(front, "/"));
    let (mut held, _) = back.accept().unwrap();
    running.signal("TERM");
    // It takes no new connections, so the signal has come there.
    wait_until("it stops listening", || {
        TcpStream::connect(("127.0.0.1", front)).is_err()
    });
    let _ = held.write_all(b"HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nserved");
    drop(held);
    let answer = client.join().unwrap().unwrap_or_default();
    assert_eq!(running.end().code, Some(0));
    Some(answer)
}

#[test]
fn apache_finishes_what_it_has() {
    let Some(answer) = in_flight_at_apache(None) else {
        return;
    };
    assert!(answer.ends_with("served"), "{answer:?}");
    // Why it has a signal of its own.
    let answer = in_flight_at_apache(Some("TERM")).unwrap_or_default();
    assert!(!answer.ends_with("served"), "{answer:?}");
}

/// Debian's names: one for each version.
fn php() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/sbin")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().starts_with("/usr/sbin/php-fpm"))
        .collect();
    found.sort();
    if found.is_empty() {
        not_run("/usr/sbin/php-fpm*");
    }
    found.pop()
}

/// A record of `FastCGI` (its specification, 3.3): version, type, request 1, length, no padding.
fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[1, kind, 0, 1, high, low, 0, 0][..], content].concat()
}

/// Asks a `FastCGI` server to run a script (the specification's 6.2 and appendix B).
fn ask_php(port: u16, script: &str) -> std::io::Result<String> {
    let mut parameters = Vec::new();
    for (name, value) in [("SCRIPT_FILENAME", script), ("REQUEST_METHOD", "GET")] {
        let lengths = [name.len(), value.len()].map(|length| u8::try_from(length).unwrap());
        parameters.extend([&lengths[..], name.as_bytes(), value.as_bytes()].concat());
    }
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let begin = record(1, &[0, 1, 0, 0, 0, 0, 0, 0]);
    let request = [
        begin,
        record(4, &parameters),
        record(4, &[]),
        record(5, &[]),
    ];
    stream.write_all(&request.concat())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Tells by a file that a request has come in, and answers when a second file is there.
const SCRIPT: &str = "<?php touch('/state/begun'); for ($n = 0; $n < 600 && !file_exists('/state/go'); $n++) { usleep(50000); clearstatcache(); } echo 'served';";

/// As [`in_flight_at_apache`].
fn in_flight_at_php(signal: Option<&str>, settings: &str) -> Option<String> {
    let program = php()?;
    let port = port();
    let command = format!("{} -F -n -y /fpm.conf", program.display());
    let container = with(&command, &format!("tcp://127.0.0.1:{port}"))?;
    if let Some(signal) = signal {
        let path = container.path("etc/boatyard/contract.json");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text.replace("QUIT", signal)).unwrap();
    }
    fs::write(container.path("slow.php"), SCRIPT).unwrap();
    fs::write(
        container.path("fpm.conf"),
        format!(
            "[global]\nerror_log = /dev/stderr\n{settings}\n[www]\nlisten = 127.0.0.1:{port}\npm = static\npm.max_children = 1\n"
        ),
    )
    .unwrap();
    let running = start(&container);
    let client = thread::spawn(move || ask_php(port, "/slow.php"));
    wait_until("the request comes in", || {
        container.path("state/begun").exists()
    });
    running.signal("TERM");
    loop {
        let line = running.line();
        if line.contains("Finishing ...") || line.contains("Terminating ...") {
            break;
        }
    }
    fs::write(container.path("state/go"), "").unwrap();
    let answer = client.join().unwrap().unwrap_or_default();
    assert_eq!(running.end().code, Some(0));
    Some(answer)
}

#[test]
fn php_finishes_what_it_has() {
    let patient = "process_control_timeout = 20s";
    for (signal, settings, is_served) in [
        (None, patient, true),
        // Why it has a signal of its own, and what else it needs.
        (Some("TERM"), patient, false),
        (None, "", false),
    ] {
        let Some(answer) = in_flight_at_php(signal, settings) else {
            return;
        };
        assert_eq!(
            answer.contains("served"),
            is_served,
            "{signal:?} {settings:?} {answer:?}"
        );
    }
}
