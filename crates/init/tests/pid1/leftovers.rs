//! Orphans, and processes that outlive the main one.

use std::fs;
use std::process::{Command, Stdio};

use crate::binary::binary;
use crate::container::{Container, User, finish};
use crate::old_kernels::has_strace;
use crate::running::Running;

/// Makes 300 orphans that die at once and waits until no zombie is left.
pub const ORPHANS: &str = r#"
    for (1..300) { unless (fork) { exit if fork; exit } wait }
    my $zombies;
    for (1..600) {
        $zombies = 0;
        for my $stat (glob '/proc/[0-9]*/stat') {
            open(my $file, '<', $stat) or next;
            $zombies++ if (<$file> // '') =~ /\) Z /;
        }
        last unless $zombies;
        select undef, undef, undef, 0.05;
    }
    print "$zombies zombies\n";"#;

#[test]
fn orphans_are_reaped() {
    let Some(container) = Container::new() else {
        return;
    };
    for user in [User::Root, User::Nobody] {
        let outcome = container.run(user, &["--", "perl", "-e", ORPHANS]);
        assert_eq!(outcome.stdout, "0 zombies\n", "{outcome:?}");
        assert_eq!(outcome.code, Some(0));
    }
}

/// Makes orphans that die at once until it gets TERM; then how many is said, and whether too many were left as zombies.
const STORM: &str = r#"
    $| = 1;
    my ($stop, $count) = (0, 0);
    $SIG{TERM} = sub { $stop = 1 };
    while (!$stop && $count < 200000) {
        unless (fork) { for (1..20) { fork or exit } exit }
        wait;
        $count += 20;
        print "storm\n" if $count == 2000;
    }
    my $zombies = 0;
    for my $stat (glob '/proc/[0-9]*/stat') {
        open(my $file, '<', $stat) or next;
        $zombies++ if (<$file> // '') =~ /\) Z /;
    }
    print $stop ? 'stopped' : 'never stopped', $zombies < 1500 ? '' : ", $zombies zombies", "\n";"#;

#[test]
fn a_stop_goes_through_a_storm_of_orphans() {
    let Some(container) = Container::new() else {
        return;
    };
    for user in [User::Root, User::Nobody] {
        let running = container.start(user, &["--", "perl", "-e", STORM]);
        running.expect("storm");
        running.signal("TERM");
        running.expect("stopped");
        let outcome = running.end();
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
    }
}

/// Stops init, has it inherit 1,000 zombies and sends it a TERM, lets it go on, and exits at its own TERM.
const BURST: &str = r#"
    use POSIX qw(:signal_h _exit);
    sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGTERM));
    $SIG{TERM} = sub { print "stopped $$
"; exit };
    my $init = getppid;
    pipe(my $reader, my $writer);
    my $parent = fork;
    if (!$parent) {
        close $writer;
        for (1..1000) { fork or _exit(0) }
        my $zombies = 0;
        while ($zombies < 1000) {
            $zombies = 0;
            open(my $file, '<', "/proc/$$/task/$$/children");
            for my $pid (split / /, <$file>) {
                open(my $stat, '<', "/proc/$pid/stat") or next;
                $zombies++ if <$stat> =~ /\) Z /;
            }
        }
        sysread $reader, my $byte, 1;
        _exit(0);
    }
    kill 'STOP', $init;
    close $writer;
    waitpid $parent, 0;
    kill 'TERM', $init;
    kill 'CONT', $init;
    sigsuspend(POSIX::SigSet->new()) while 1;"#;

/// As strace shows it, which is no matter of speed. Init is strace's child there, not PID 1, so that it can be stopped.
#[test]
fn a_stop_waits_for_few_of_them() {
    if !has_strace() {
        return;
    }
    let Some(container) = Container::new() else {
        return;
    };
    let container = container.contract(
        r#"{"version":1,"project":"p","service":"s","roles":{"several":{"command":["perl","/burst"],"supervise":{}}}}"#,
    );
    fs::write(container.path("burst"), BURST).unwrap();
    fs::create_dir(container.path("state")).unwrap();
    let strace = [
        "strace",
        "-qq",
        "-o",
        "/state/calls",
        "-e",
        "trace=wait4,kill",
        "/init",
    ];
    for words in [&["--", "perl", "/burst"][..], &["start", "several"]] {
        let outcome = finish(container.command(User::Root, &[&strace, words].concat()));
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        let calls = fs::read_to_string(container.path("state/calls")).unwrap();
        let is_term = |line: &&str| line.starts_with("kill(") && line.contains("SIGTERM");
        let before = calls.lines().take_while(|line| !is_term(line)).count();
        let of_all = calls.lines().count();
        assert!(of_all > 1000 && before < 100, "{before} of {of_all}");
    }
}

/// A daemon in a session of its own that says `graceful` when it is told to stop; main exits with 7 when it is there.
pub const DAEMON: &str = r"
    $| = 1;
    pipe(my $reader, my $writer);
    unless (fork) {
        require POSIX;
        POSIX::setsid();
        $SIG{TERM} = sub { select undef, undef, undef, 0.2; syswrite STDOUT, qq(graceful\n); exit };
        syswrite $writer, '.';
        select undef, undef, undef, 0.05 while 1;
    }
    sysread $reader, my $byte, 1;
    exit 7;";

#[test]
fn a_daemon_gets_term_and_time() {
    let Some(container) = Container::new() else {
        return;
    };
    for user in [User::Root, User::Nobody] {
        let outcome = container.run(user, &["--", "perl", "-e", DAEMON]);
        assert_eq!(
            (outcome.code, outcome.stdout.as_str()),
            (Some(7), "graceful\n"),
            "{outcome:?}"
        );
    }
}

#[test]
fn a_stopped_daemon_too() {
    let Some(container) = Container::new() else {
        return;
    };
    let stopped = DAEMON.replace(
        "syswrite $writer, '.';",
        "syswrite $writer, '.'; kill STOP => $$;",
    );
    // Main waits until the daemon is stopped.
    let main = stopped.replace(
        "exit 7;",
        r"do { open F, '/proc/2/stat'; $_ = <F> } until !defined || /\) T / || !m/perl/; exit 7;",
    );
    let outcome = container.run(User::Root, &["--", "perl", "-e", &main]);
    assert_eq!(outcome.code, Some(7), "{outcome:?}");
    assert_eq!(outcome.stdout, "graceful\n");
}

#[test]
fn who_ignores_term_is_killed() {
    let Some(container) = Container::new() else {
        return;
    };
    let main = r"
        $SIG{TERM} = 'IGNORE';
        unless (fork) { select undef, undef, undef, 0.05 while 1 }
        $SIG{TERM} = sub { exit 4 };
        syswrite STDOUT, qq(ready\n);
        select undef, undef, undef, 0.05 while 1;";
    // Time enough for main also where others use the processors.
    let contract = serde_json::json!({
        "version": 1, "project": "p", "service": "s", "default_role": "r",
        "roles": {"r": {"command": ["perl", "-e", main], "stop": {"signal": "TERM", "grace_secs": 4}}},
    })
    .to_string();
    let container = container.contract(&contract);
    let running = container.start(User::Nobody, &["start"]);
    running.expect("ready");
    running.signal("TERM");
    let outcome = running.end_with_open_input();
    assert_eq!(outcome.code, Some(4), "{outcome:?}");
}

/// Init that is not PID 1 of anything.
fn beside(words: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command
        .arg("--")
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[test]
fn without_being_pid_1_orphans_come_to_init_and_are_stopped() {
    let outcome = finish(beside(&["perl", "-e", DAEMON]));
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (Some(7), "graceful\n"),
        "{outcome:?}"
    );

    let adopted = r"
        my $init = getppid;
        pipe(my $reader, my $writer);
        unless (fork) {
            my $parent = $$;
            unless (fork) { 1 while getppid == $parent; syswrite $writer, getppid == $init ? 'init' : 'other' }
            exit;
        }
        wait;
        sysread $reader, my $who, 9;
        print qq($who\n);";
    let outcome = finish(beside(&["perl", "-e", adopted]));
    assert_eq!(outcome.stdout, "init\n", "{outcome:?}");
}

#[test]
fn without_being_pid_1_nobody_else_is_stopped() {
    let bystander = Running::new({
        let mut command = Command::new("cat");
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    });
    let outcome = finish(beside(&["perl", "-e", DAEMON]));
    assert_eq!(outcome.code, Some(7), "{outcome:?}");
    assert_eq!(bystander.end().code, Some(0));
}
