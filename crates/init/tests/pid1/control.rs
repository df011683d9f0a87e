//! The control socket: what init tells, and is told, by processes of the same user.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::container::{Container, Outcome, PATIENCE, User, finish};
use crate::running::Running;

/// `web` says what it gets, and ends with HUP; of `pair`, both are ready when `/state/go` is there.
const CONTRACT: &str = r#"{"version":1,"project":"p","service":"s","roles":{
    "web":{"command":["perl","-e","$|=1; for my $s (qw(TERM USR1)) { $SIG{$s}=sub{print qq($s\n)} } $SIG{HUP}=sub{exit 9}; print qq(here\n); select undef,undef,undef,0.1 while 1"]},
    "pair":{"command":"echo here; while :; do sleep 0.1; done","ready":"file:/state/go",
        "supervise":{"services":{"side":{"command":"sleep 1000"}}}},
    "again":{"command":"sleep 1000","supervise":{"services":{
        "polite":{"command":["perl","-e","$|=1; $SIG{QUIT}=sub{select undef,undef,undef,0.3; print qq(bye\n); exit 3}; print qq(hello\n); select undef,undef,undef,0.1 while 1"],
                  "ready":"file:/state/polite","stop":{"signal":"QUIT","grace_secs":50}},
        "gone":{"command":"test -e /state/comes && exec sleep 1000; exit 4","habits":{"essential":false,"restart":"never"}}}}}}}"#;

fn container() -> Option<Container> {
    let container = Container::new()?.contract(CONTRACT);
    fs::create_dir(container.path("state")).unwrap();
    fs::set_permissions(container.path("state"), fs::Permissions::from_mode(0o777)).unwrap();
    Some(container)
}

fn start(container: &Container, words: &[&str]) -> Running {
    let init = ["env", "RUNDIR=/state", "/init", "start"];
    Running::new(container.command(User::Nobody, &[&init, words].concat()))
}

/// Init asked by this user, in the namespaces of the one that runs.
fn ask(running: &Running, uid: &str, words: &[&str]) -> Outcome {
    ask_of(running.init(), uid, words)
}

/// The same of the init with this process id.
pub fn ask_of(init: u32, uid: &str, words: &[&str]) -> Outcome {
    let target = init.to_string();
    let mut command = Command::new("nsenter");
    command
        .args(["-t", &target, "-p", "-m", "-r", "-w", "setpriv"])
        .args([
            "--reuid",
            uid,
            "--regid",
            "0",
            "--clear-groups",
            "--no-new-privs",
        ])
        .args(["env", "RUNDIR=/state", "/init"])
        .args(words);
    finish(command)
}

/// Has init take a signal that ends all, who asks among them: its exit code tells nothing.
fn end_by(running: &Running, signal: &str) {
    let _ = ask(running, "12345", &["signal", signal]);
}

/// Asks until the exit code is this one.
fn wait_for(running: &Running, words: &[&str], code: i32) -> Outcome {
    let end = Instant::now() + PATIENCE;
    loop {
        let outcome = ask(running, "12345", words);
        if outcome.code == Some(code) {
            return outcome;
        }
        assert!(
            Instant::now() < end,
            "{words:?} is never {code}: {outcome:?}"
        );
    }
}

#[test]
fn a_role_is_told_of_and_signalled() {
    let Some(container) = container() else {
        return;
    };
    let running = start(&container, &["web"]);
    running.expect("here");
    for uid in ["12345", "0"] {
        let outcome = ask(&running, uid, &["status"]);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        let head = "role web: running; init is process 1\n";
        assert!(outcome.stdout.starts_with(head), "{outcome:?}");
        assert!(
            outcome.stdout.contains("\nrunning   main, process "),
            "{outcome:?}"
        );
        assert_eq!(ask(&running, uid, &["signal", "USR1"]).code, Some(0));
        running.expect("USR1");
    }
    let json = ask(&running, "12345", &["status", "--json"]);
    assert!(
        json.stdout
            .starts_with(r#"{"pid":1,"role":"web","services":[{"code":null,"name":"main","pid":"#),
        "{json:?}"
    );
    for verb in ["ready", "alive"] {
        assert_eq!(ask(&running, "12345", &[verb]).code, Some(0), "{verb}");
    }
    // Somebody else finds none, and the socket is for nobody else.
    let other = ask(&running, "4000", &["signal", "TERM"]);
    assert_eq!(other.code, Some(69), "{other:?}");
    assert!(
        other.stderr.contains("no role runs here that can be asked"),
        "{other:?}"
    );
    let wrong = ask(&running, "12345", &["signal", "KILL"]);
    assert_eq!(wrong.code, Some(64), "{wrong:?}");
    let alone = ask(&running, "12345", &["restart", "web"]);
    assert_eq!(alone.code, Some(69), "{alone:?}");
    assert!(alone.stderr.contains("is one process"), "{alone:?}");
    // A stop was asked for: it answers, and is not ready.
    assert_eq!(ask(&running, "12345", &["signal", "TERM"]).code, Some(0));
    running.expect("TERM");
    let late = wait_for(&running, &["ready"], 69);
    assert!(late.stderr.contains("or is being stopped"), "{late:?}");
    assert_eq!(ask(&running, "12345", &["alive"]).code, Some(0));
    end_by(&running, "HUP");
    assert_eq!(running.end().code, Some(9));
    assert!(!container.path("state/boatyard-12345/control").exists());
}

#[test]
fn several_services_are_told_of_one_by_one() {
    let Some(container) = container() else {
        return;
    };
    let running = start(&container, &["pair"]);
    running.expect("main | here");
    assert_eq!(ask(&running, "12345", &["ready"]).code, Some(69));
    let status = ask(&running, "12345", &["status"]);
    assert!(
        status.stdout.starts_with("role pair: starting;"),
        "{status:?}"
    );
    fs::write(container.path("state/go"), "").unwrap();
    wait_for(&running, &["ready"], 0);
    let status = ask(&running, "12345", &["status"]).stdout;
    assert!(status.contains("\nrunning   main, process "), "{status}");
    assert!(status.contains("\nrunning   side, process "), "{status}");
    end_by(&running, "TERM");
    assert_eq!(running.end().code, Some(0));
}

#[test]
fn a_service_is_restarted() {
    let Some(container) = container() else {
        return;
    };
    fs::write(container.path("state/polite"), "").unwrap();
    let running = start(&container, &["again"]);
    running.expect("polite | hello");
    wait_for(&running, &["ready"], 0);
    let init = running.init();
    let restart = |words: &[&str]| ask_of(init, "12345", &[&["restart"], words].concat());
    // Several ask at once: all hear that it runs again.
    thread::scope(|scope| {
        let asked: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| restart(&["polite"])))
            .collect();
        for asked in asked {
            let outcome = asked.join().unwrap();
            assert_eq!(outcome.code, Some(0), "{outcome:?}");
            let told = "polite runs again, process ";
            assert!(outcome.stdout.starts_with(told), "{outcome:?}");
        }
    });
    running.expect("polite | bye");
    running.expect("polite | hello");
    wait_for(&running, &["ready"], 0);
    // One that has ended is started; whether that was of use is told.
    let failed = restart(&["gone"]);
    assert_eq!(failed.code, Some(69), "{failed:?}");
    let told = "gone was started again and ended with exit code 4";
    assert!(failed.stderr.contains(told), "{failed:?}");
    fs::write(container.path("state/comes"), "").unwrap();
    assert_eq!(restart(&["gone"]).code, Some(0));
    // One that does not get ready is not waited for.
    fs::remove_file(container.path("state/polite")).unwrap();
    let early = restart(&["polite", "--no-wait"]);
    assert_eq!((early.code, early.stdout.as_str()), (Some(0), ""));
    running.expect("polite | bye");
    running.expect("polite | hello");
    wait_for(&running, &["ready"], 69);
    // The role's name is its own command. Who does not exist is not found, and somebody else may not ask.
    assert_eq!(restart(&["again", "--no-wait"]).code, Some(0));
    let unknown = restart(&["plite"]);
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    let known = r#"there is no service "plite" here; there are: gone, main, polite"#;
    assert!(unknown.stderr.contains(known), "{unknown:?}");
    assert_eq!(restart(&[]).code, Some(64));
    let other = ask(&running, "4000", &["restart", "main"]);
    assert_eq!(other.code, Some(69), "{other:?}");
    end_by(&running, "TERM");
    // That of the service, as in every stop.
    assert_eq!(running.end().code, Some(3));
}

/// As where containers of a pod share their processes: PID 1 is somebody else.
#[test]
fn init_need_not_be_pid_1() {
    let Some(container) = container() else {
        return;
    };
    let line = "RUNDIR=/state /init start web & wait $!; echo \"ended $?\"";
    let running = Running::new(container.command(User::Nobody, &["sh", "-c", line]));
    running.expect("here");
    let status = ask(&running, "12345", &["status"]).stdout;
    assert!(!status.contains("process 1\n"), "{status}");
    end_by(&running, "HUP");
    running.expect("ended 9");
}

#[test]
fn what_is_no_request_does_no_harm() {
    let Some(container) = container() else {
        return;
    };
    let running = start(&container, &["web"]);
    running.expect("here");
    let path = container.path("state/boatyard-12345/control");
    // The tests are root, which may ask.
    let mut silent = Vec::new();
    for number in 0..300 {
        let mut stream = UnixStream::connect(&path).unwrap();
        let rubbish: &[u8] = match number % 4 {
            0 => b"POST /signal/USR1 HTTP/1.1\r\n",
            1 => &[b'x'; 8192],
            2 => b"POST /signal/KILL HTTP/1.1\r\n\r\n",
            _ => b"\xff\0\n\n",
        };
        // It may be closed already.
        let _ = stream.write_all(rubbish);
        silent.push(stream);
    }
    let alive = ask(&running, "12345", &["alive"]);
    assert_eq!(alive.code, Some(0), "{alive:?}");
    let mut stream = UnixStream::connect(&path).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(b"GET /status HTTP/1.1\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    drop(silent);
    end_by(&running, "HUP");
    let outcome = running.end();
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (Some(9), ""),
        "{outcome:?}"
    );
}

/// Whoever waits to be accepted would wake init again and again where it has no descriptor left.
#[test]
fn many_who_ask_nothing_do_not_keep_it_awake() {
    let Some(container) = container() else {
        return;
    };
    let line = "ulimit -n 24; RUNDIR=/state exec /init start web";
    let running = Running::new(container.command(User::Nobody, &["sh", "-c", line]));
    running.expect("here");
    let path = container.path("state/boatyard-12345/control");
    let _silent: Vec<UnixStream> = (0..60)
        .map(|_| UnixStream::connect(&path).unwrap())
        .collect();
    running.sleeps_for(Duration::from_millis(300));
    let alive = ask(&running, "12345", &["alive"]);
    assert_eq!(alive.code, Some(0), "{alive:?}");
}

#[test]
fn a_port_answers_questions_where_nothing_can_be_written() {
    let Some(container) = container() else {
        return;
    };
    let container = container.read_only();
    // Where a folder could be had.
    let line = "mount -t tmpfs -o ro none /dev/shm; ip link set lo up; exec \"$@\"";
    let init = ["env", "RUNDIR=/none", "INIT_PORT=7777", "/init"];
    let drop = ["setpriv", "--reuid=12345", "--regid=0", "--clear-groups"];
    let words = [
        &["unshare", "-n", "sh", "-c", line, "sh"],
        &drop[..],
        &init,
        &["start", "web"],
    ]
    .concat();
    let running = Running::new(container.command(User::Root, &words));
    running.expect("here");
    let ask = |words: &[&str]| {
        let target = running.init().to_string();
        let mut command = Command::new("nsenter");
        command
            .args(["-t", &target, "-p", "-m", "-n", "-r", "-w"])
            .args([&drop[..], &init, words].concat());
        finish(command)
    };
    assert_eq!(ask(&["alive"]).code, Some(0));
    let status = ask(&["status"]);
    assert!(
        status.stdout.starts_with("role web: running;"),
        "{status:?}"
    );
    for told in [["signal", "HUP"], ["restart", "main"]] {
        let refused = ask(&told);
        assert_eq!(refused.code, Some(69), "{refused:?}");
        assert!(refused.stderr.contains("403"), "{refused:?}");
    }
}
