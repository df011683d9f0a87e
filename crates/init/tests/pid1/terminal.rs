//! The terminal: the main process gets its foreground, and with it the keys that make signals.

use crate::container::{Container, User};
use crate::running::Running;

/// Tells who has the foreground, then the number of every signal that comes; exits with 5 at the end of its input.
pub const TELL: &str = r"
    use POSIX ();
    for my $n (1, 2, 3, 28) { $SIG{(qw(0 HUP INT QUIT), (0) x 24, 'WINCH')[$n]} = sub { syswrite STDOUT, qq(got $n\n) } }
    $SIG{CONT} = sub { syswrite STDOUT, qq(goes on\n) };
    my $foreground = POSIX::tcgetpgrp(0);
    my $who = $foreground == getpgrp() ? 'main' : 'other';
    syswrite STDOUT, qq(foreground $who\n);
    while (1) {
        my $input = chr 1;
        next if select($input, undef, undef, 0.05) < 1;
        my $got = sysread(STDIN, my $byte, 1);
        exit 5 if defined $got && $got == 0;
    }";

/// Runs words on a terminal, made by `script` in the container; `$0` is the program for perl.
fn on_a_terminal(container: &Container, user: User, words: &str) -> Running {
    let script = [
        "env",
        "SHELL=/bin/sh",
        "script",
        "--quiet",
        "--return",
        "--command",
    ];
    let mut command = container.command(user, &[&script[..], &[words, "/dev/null"]].concat());
    command.env("TELL", TELL);
    Running::new(command)
}

#[test]
fn is_handed_to_the_main_process() {
    let Some(container) = Container::new() else {
        return;
    };
    for words in [
        "exec /init -- perl -e \"$TELL\"",
        "/init -- perl -e \"$TELL\"; exit $?",
    ] {
        let mut running = on_a_terminal(&container, User::Root, words);
        running.expect("foreground main");
        running.press(b"\x03");
        running.expect("^Cgot 2");
        running.press(b"\x1c");
        running.expect("^\\got 3");
        running.press(b"\x04");
        let outcome = running.end_with_open_input();
        assert_eq!(outcome.code, Some(5), "{outcome:?}");
        assert!(
            !outcome.stdout.contains("got"),
            "each key makes one signal: {outcome:?}"
        );
    }
}

#[test]
fn is_found_when_standard_input_is_another_file() {
    let Some(container) = Container::new() else {
        return;
    };
    let words = "/init -- sh -c 'read line < /dev/tty; echo \"$line\"' < /dev/null; exit $?";
    let mut running = on_a_terminal(&container, User::Root, words);
    running.press(b"typed\n");
    running.expect("typed");
    let outcome = running.end_with_open_input();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

#[test]
fn is_not_taken_from_another_group() {
    let Some(container) = Container::new() else {
        return;
    };
    // Job control of an interactive shell puts init into the background; its main process has to stay there.
    let words = "exec bash -c 'set -m; /init -- perl -e \"$TELL\" < /dev/tty & wait'";
    let running = on_a_terminal(&container, User::Root, words);
    running.expect("foreground other");
}

#[test]
fn job_control_of_a_shell_works_through_init() {
    let Some(container) = Container::new() else {
        return;
    };
    // The key stops the main process; init stops too, or the shell would wait for ever. The job goes on in the
    // foreground: the end of the input, typed at the terminal, reaches the main process.
    let words = r#"exec bash --norc -c 'set -m; /init -- perl -e "$TELL"; echo "stopped $?"; fg; echo "ended $?"'"#;
    let mut running = on_a_terminal(&container, User::Root, words);
    running.expect("foreground main");
    running.press(b"\x1a");
    running.expect("stopped 147");
    // Before that a key would be for the shell.
    running.expect("goes on");
    running.press(b"\x03");
    running.expect("^Cgot 2");
    running.press(b"\x04");
    let outcome = running.end_with_open_input();
    assert!(outcome.stdout.contains("ended 5"), "{outcome:?}");
}

#[test]
fn a_shell_that_waited_reads_on() {
    let Some(container) = Container::new() else {
        return;
    };
    let words = "exec sh -c '/init -- true; read line; echo \"read $line\"'";
    let mut running = on_a_terminal(&container, User::Root, words);
    running.press(b"typed\n");
    running.expect("read typed");
    let outcome = running.end_with_open_input();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

/// Tells whose child it is, whether it has the foreground of its terminal, what it reads, and every signal.
const SERVICE: &str = r"
    use POSIX ();
    for my $name (qw(HUP INT QUIT TSTP USR1 WINCH)) { $SIG{$name} = sub { syswrite STDOUT, qq(got $name\n) } }
    $SIG{TERM} = sub { syswrite STDOUT, qq(stops\n); exit 0 };
    open(my $terminal, '<', '/dev/tty') or die;
    my $who = POSIX::tcgetpgrp(fileno $terminal) == getpgrp() ? 'us' : 'others';
    my $input = <STDIN> // 'nothing';
    syswrite STDOUT, 'child of ' . getppid() . qq(, foreground of $who, input: $input\n);
    if ($ENV{SENDS}) { kill $_, getppid() for qw(TSTP WINCH USR1) }
    else { open(my $ready, '>&=', 3) or die; syswrite $ready, qq(ready\n) }
    select(undef, undef, undef, 0.05) while 1;";

#[test]
fn services_get_none() {
    let Some(container) = Container::new() else {
        return;
    };
    let container = container.contract(
        r#"{"version":1,"project":"p","service":"s","roles":{"web":{"command":["perl","/service"],"ready":"fd:3",
            "supervise":{"services":{"other":{"command":["perl","/service"],"habits":{"after":["main"],"env":{"SENDS":"1"}}}}}}}}"#,
    );
    std::fs::write(container.path("service"), SERVICE).unwrap();
    // In a namespace of its own on the terminal that `script` makes, so that init is PID 1 there.
    let words = "exec unshare -fp /init start web";
    let mut running = on_a_terminal(&container, User::Root, words);
    let told = "child of 1, foreground of others, input: nothing";
    running.expect(&format!("main | {told}"));
    running.expect(&format!("other | {told}"));
    // Before it, init has got what a terminal sends.
    running.expect("main | got USR1");
    running.press(b"\x03");
    let outcome = running.end_with_open_input();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    for line in ["other | stops", "main | stops"] {
        assert!(outcome.stdout.contains(line), "{outcome:?}");
    }
    assert!(!outcome.stdout.contains("got"), "{outcome:?}");
}

#[test]
fn the_input_of_several_services_is_that_of_main() {
    let Some(container) = Container::new() else {
        return;
    };
    let container = container.contract(
        r#"{"version":1,"project":"p","service":"s","roles":{"web":{"command":"read line; echo \"read $line\"",
            "supervise":{"main":{"after":["other"]},
                         "services":{"other":{"command":"read line; echo \"read $line\"","habits":{"oneshot":true}}}}}}}"#,
    );
    let mut running = container.start(User::Nobody, &["start", "web"]);
    running.press(b"typed\n");
    running.expect("other | read ");
    running.expect("main | read typed");
    assert_eq!(running.end().code, Some(0));
}
