//! Signals: forwarded, mapped, to whom, and what follows.

use crate::container::{Container, User};
use crate::running::Running;

/// Prints the number of every signal it gets, and exits with 5 at the end of its input. Perl takes a signal that comes just
/// before a system call after that call, so no call of our programs is long.
pub const ECHO: &str = r"
    use POSIX ();
    for my $n (1..31, 34..64) {
        next if grep { $n == $_ } 9, 19, 17;
        my $action = POSIX::SigAction->new(sub { syswrite STDOUT, qq($n\n) });
        $action->safe(1);
        POSIX::sigaction($n, $action);
    }
    syswrite STDOUT, qq(ready\n);
    while (1) {
        my $input = chr 1;
        next if select($input, undef, undef, 0.05) < 1;
        my $got = sysread(STDIN, my $byte, 1);
        exit 5 if defined $got && $got == 0;
    }";

/// The seven faults, KILL, STOP and CHLD, and two that belong to the C library.
const NOT_FORWARDED: [i32; 12] = [4, 5, 6, 7, 8, 9, 11, 17, 19, 31, 32, 33];

#[test]
fn every_one_that_can_be_caught_is_forwarded() {
    let Some(container) = Container::new() else {
        return;
    };
    for user in [User::Root, User::Nobody] {
        let running = container.start(user, &["--", "perl", "-e", ECHO]);
        running.expect("ready");
        for signal in (1..=64).filter(|signal| !NOT_FORWARDED.contains(signal)) {
            running.signal(&signal.to_string());
            assert_eq!(running.line(), signal.to_string(), "{user:?}");
        }
        assert_eq!(running.end().code, Some(5));
    }
}

#[test]
fn faults_of_others_are_ignored() {
    let Some(container) = Container::new() else {
        return;
    };
    let running = container.start(User::Root, &["--", "perl", "-e", ECHO]);
    running.expect("ready");
    for signal in [4, 5, 6, 7, 8, 11, 31] {
        running.signal(&signal.to_string());
    }
    running.signal("USR1");
    assert_eq!(running.line(), "10");
    assert_eq!(running.end().code, Some(5));
}

fn role(command: &str, stop: &str) -> Option<Container> {
    let contract = format!(
        r#"{{"version":1,"project":"p","service":"s","default_role":"r","roles":{{"r":{{"command":{},"stop":{stop}}}}}}}"#,
        serde_json::json!(["perl", "-e", command]),
    );
    Some(Container::new()?.contract(&contract))
}

#[test]
fn a_stop_is_sent_as_the_role_wants_it() {
    let Some(container) = role(ECHO, r#"{"signal":"QUIT","grace_secs":60}"#) else {
        return;
    };
    let running = container.start(User::Nobody, &["start"]);
    running.expect("ready");
    for (sent, received) in [("TERM", "3"), ("QUIT", "3"), ("HUP", "1"), ("TERM", "3")] {
        running.signal(sent);
        assert_eq!(running.line(), received, "{sent}");
    }
    assert_eq!(running.end().code, Some(5));
}

#[test]
fn after_the_grace_comes_kill() {
    let Some(container) = role(ECHO, r#"{"signal":"TERM","grace_secs":4}"#) else {
        return;
    };
    let running = container.start(User::Nobody, &["start"]);
    running.expect("ready");
    running.signal("TERM");
    running.expect("15");
    let outcome = running.end_with_open_input();
    assert_eq!(outcome.code, Some(137), "{outcome:?}");
}

#[test]
fn the_grace_of_the_command_line_goes_before_that_of_the_role() {
    let Some(container) = role(ECHO, r#"{"signal":"TERM","grace_secs":600}"#) else {
        return;
    };
    let running = container.start(User::Nobody, &["--grace", "0", "start"]);
    running.expect("ready");
    running.signal("TERM");
    assert_eq!(running.end_with_open_input().code, Some(137));
}

/// Three processes: the main one, a child in its group, and one in a session of its own. Each tells when it gets USR1;
/// main's USR2 makes all three end.
const FAMILY: &str = r"
    $| = 1;
    pipe(my $reader, my $writer);
    sub ended {
        my $input = '';
        vec($input, fileno $_[0], 1) = 1;
        select($input, undef, undef, 0.05) > 0;
    }
    sub member {
        my ($name) = @_;
        $SIG{USR1} = sub { syswrite STDOUT, qq($name\n) };
        syswrite STDOUT, qq(here\n);
    }
    for my $name ('group', 'session') {
        next if fork;
        close $writer;
        if ($name eq 'session') { require POSIX; POSIX::setsid() }
        member($name);
        1 until ended($reader);
        exit;
    }
    close $reader;
    member('main');
    1 until ended(STDIN);";

#[test]
fn reach_whom_they_are_meant_for() {
    for (target, flags, receivers) in [
        ("main", &[][..], &["main"][..]),
        ("group", &[], &["group", "main"]),
        ("all", &[], &["group", "main", "session"]),
        ("main", &["-g"], &["group", "main"]),
        ("main", &["--group"], &["group", "main"]),
    ] {
        let stop = format!(r#"{{"signal":"TERM","grace_secs":9,"target":"{target}"}}"#);
        let Some(container) = role(FAMILY, &stop) else {
            return;
        };
        let running = container.start(User::Nobody, &[flags, &["start"]].concat());
        for _ in 0..3 {
            running.expect("here");
        }
        running.signal("USR1");
        let mut received: Vec<String> = receivers.iter().map(|_| running.line()).collect();
        let rest = running.end().stdout;
        received.extend(rest.lines().map(str::to_owned));
        received.sort();
        assert_eq!(received, receivers, "{target} {flags:?}");
    }
}

#[test]
fn that_may_not_be_sent_are_not_fatal() {
    let Some(container) = Container::new() else {
        return;
    };
    // Root without CAP_KILL may not signal a process of another user. What init says comes among the lines.
    let line = "exec setpriv --bounding-set=-kill /init -- setpriv --reuid=12345 --clear-groups perl -e \"$0\" 2>&1";
    let running = Running::new(container.command(User::Root, &["sh", "-c", line, ECHO]));
    running.expect("ready");
    for signal in ["USR1", "USR2"] {
        running.signal(signal);
        let told = format!("boatyard-init: cannot send {signal} to process ");
        let line = running.line();
        assert!(line.starts_with(&told), "{line}");
    }
    assert_eq!(running.end().code, Some(5));
}

#[test]
fn are_rewritten_and_dropped() {
    let Some(container) = Container::new() else {
        return;
    };
    let flags = [
        "-r",
        "TERM:QUIT",
        "-r",
        "10:12",
        "-r",
        "HUP:0",
        "--",
        "perl",
        "-e",
        ECHO,
    ];
    let running = container.start(User::Nobody, &flags);
    running.expect("ready");
    for (sent, received) in [("TERM", "3"), ("USR1", "12"), ("RTMIN", "34")] {
        running.signal("HUP");
        running.signal(sent);
        assert_eq!(running.line(), received, "{sent}");
    }
    assert_eq!(running.end().code, Some(5));
}
