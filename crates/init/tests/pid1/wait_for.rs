//! `wait-for`: a command starts when what it needs is there.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use crate::container::{Container, User, finish};
use crate::http::port;

#[test]
fn the_command_follows_when_all_is_there() {
    let Some(container) = Container::new() else {
        return;
    };
    let port = port();
    let (tcp, http) = (
        format!("tcp://127.0.0.1:{port}"),
        format!("http://127.0.0.1:{port}/up"),
    );
    let words = [
        "wait-for",
        "--timeout",
        "1h",
        &tcp,
        &http,
        "file:///made",
        "--",
        "sh",
        "-c",
        "echo $0; exit 3",
        "there",
    ];
    let running = container.start(User::Nobody, &words);
    assert!(running.is_silent(Duration::from_millis(300)));
    let server = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let made = container.path("made");
    thread::spawn(move || {
        // The connection alone, then a refusal, which is not enough, then an answer.
        for answer in ["", "HTTP/1.1 503 Busy\r\n\r\n", "HTTP/1.1 204 Well\r\n\r\n"] {
            let (mut stream, _) = server.accept().unwrap();
            if !answer.is_empty() {
                let mut request = [0; 512];
                let count = stream.read(&mut request).unwrap();
                assert!(request[..count].starts_with(b"GET /up HTTP/1.1\r\n"));
                stream.write_all(answer.as_bytes()).unwrap();
            }
        }
        std::fs::write(made, "").unwrap();
    });
    running.expect("there");
    let outcome = running.end();
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(
        outcome.stderr.contains(&format!("waiting for {tcp}: ")),
        "{outcome:?}"
    );
}

#[test]
fn what_does_not_come_is_told() {
    let Some(container) = Container::new() else {
        return;
    };
    let closed = format!("tcp://127.0.0.1:{}", port());
    for (words, code, told) in [
        (
            &["--timeout", "300ms", &closed, "--", "true"][..],
            124,
            "Connection refused",
        ),
        (
            &["--timeout", "0", "file:///none"],
            124,
            "file:///none is not there after 0 s: there is no such file",
        ),
        (&["--timeout", "0", "file:///init"], 0, ""),
        (&["db:5432"], 64, "tcp://HOST:PORT"),
        (&["--", "true"], 64, "wait-for needs what to wait for"),
    ] {
        let outcome = container.run(User::Nobody, &[&["wait-for"], words].concat());
        assert_eq!(outcome.code, Some(code), "{words:?} {outcome:?}");
        assert!(outcome.stderr.contains(told), "{words:?} {outcome:?}");
    }
}

#[test]
fn a_stop_ends_the_wait() {
    let Some(container) = Container::new() else {
        return;
    };
    let ready = "echo ready; exec /init wait-for --timeout 1h file:///none -- echo started";
    let running = container.start(User::Nobody, &["sh", "-c", ready]);
    running.expect("ready");
    running.signal("TERM");
    let outcome = running.end();
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (Some(143), ""),
        "{outcome:?}"
    );
}

/// A network of its own, a name server in it that sends something else first, and a web server. Then the words.
const NETWORK: &str = r#"
use Socket; use strict;
socket(my $any, AF_INET, SOCK_DGRAM, 0) or die;
my $up = pack("a16 s x22", "lo", 1); ioctl($any, 0x8914, $up) or die "lo: $!";
sub bound { my ($type, $port, $host) = @_; socket(my $s, AF_INET, $type, 0) or die; setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1);
    bind($s, sockaddr_in($port, inet_aton($host))) or die "$host:$port: $!"; listen($s, 9) if $type == SOCK_STREAM; $s }
my ($udp, $tcp) = map { bound($_, 53, "127.0.0.1") } (SOCK_DGRAM, SOCK_STREAM);
my $web = bound(SOCK_STREAM, 8080, "127.0.0.9");
sub answer { my ($asked, $by_tcp) = @_; my ($id, $question) = (substr($asked, 0, 2), substr($asked, 12));
    my ($name, $kind) = $question =~ /^(.*?\0)\0(.)/s;
    my $known = $name =~ /^\x02db\x04shop\x04test\0|^\x03big\x04shop\x04test\0/;
    my $cut = $name =~ /big/ && !$by_tcp;
    my $has = $known && !$cut && $kind eq "\x01";
    $id . pack("C2 n4", $cut ? 0x83 : 0x81, $known ? 0 : 3, 1, $has ? 1 : 0, 0, 0) . $question
        . ($has ? pack("n3 N n C4", 0xc00c, 1, 1, 60, 4, 127, 0, 0, 9) : "") }
if (!fork) { while (1) {
    my $wanted = ""; vec($wanted, fileno($_), 1) = 1 for $udp, $tcp, $web; select(my $got = $wanted, undef, undef, undef);
    if (vec($got, fileno($udp), 1)) { my $from = recv($udp, my $asked, 512, 0); send($udp, "stray", 0, $from);
        send($udp, answer($asked, 0), 0, $from) }
    if (vec($got, fileno($tcp), 1)) { accept(my $c, $tcp); sysread($c, my $asked, 512); my $a = answer(substr($asked, 2), 1);
        syswrite($c, pack("n", length $a) . $a) }
    if (vec($got, fileno($web), 1)) { accept(my $c, $web); syswrite($c, "HTTP/1.0 200 OK\r\n\r\n") }
} }
exec @ARGV;
"#;

#[test]
fn names_are_looked_up() {
    let Some(container) = Container::new() else {
        return;
    };
    std::fs::create_dir_all(container.path("etc")).unwrap();
    std::fs::write(container.path("etc/hosts"), "127.0.0.9 static\n").unwrap();
    // Nobody listens at the first.
    let config =
        "nameserver 127.0.0.2\nnameserver 127.0.0.1\nsearch shop.test\noptions ndots:2 timeout:9\n";
    std::fs::write(container.path("etc/resolv.conf"), config).unwrap();
    for (targets, code, told) in [
        (
            &[
                "tcp://db:8080",
                "http://big:8080/x",
                "tcp://static:8080",
                "http://db.shop.test.:8080",
            ][..],
            0,
            "",
        ),
        (
            &["tcp://nobody:8080"],
            124,
            "127.0.0.2, 127.0.0.1 knows no address of nobody",
        ),
    ] {
        let timeout = if code == 0 { "1h" } else { "1s" };
        let words = [
            "unshare",
            "-n",
            "perl",
            "-e",
            NETWORK,
            "/init",
            "wait-for",
            "--timeout",
            timeout,
        ];
        let outcome = finish(container.command(User::Root, &[&words, targets].concat()));
        if outcome.stderr.contains("unshare: ") {
            println!("not run: no network namespace: {}", outcome.stderr);
            return;
        }
        assert_eq!(outcome.code, Some(code), "{targets:?} {outcome:?}");
        assert!(outcome.stderr.contains(told), "{targets:?} {outcome:?}");
    }
}
