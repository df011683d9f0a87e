//! What is sent to main.

use std::collections::BTreeSet;

use super::run::{children, send, wait_until_taken};
use super::table::Init;
use crate::container::{Container, User, finish};
use crate::running::Running;
use crate::signals::ECHO;
use crate::terminal::TELL;

/// KILL, CHLD and STOP, and two that belong to the C library.
const NOT_SENT: [i32; 5] = [9, 17, 19, 32, 33];

pub fn forwarded(container: &Container, init: &Init) -> String {
    let running = init.start(container, User::Root, &["perl", "-e", ECHO]);
    running.expect("ready");
    let mut missing: BTreeSet<i32> = (1..64).filter(|n| !NOT_SENT.contains(n)).collect();
    // A marker that everybody forwards follows each, so that nothing is waited for that does not come. Before it CONT,
    // for whom main was stopped.
    for signal in missing.clone() {
        let stops = (20..=22).contains(&signal);
        // CONT takes away a stop that nobody has read yet (signal(7)): a busy init may need another.
        for _ in 0..if stops { 5 } else { 1 } {
            running.signal(&signal.to_string());
            if stops {
                running.signal("CONT");
            }
            running.signal("64");
            // An init that stops itself for a stop may do so after CONT has come.
            let urge = || {
                if stops {
                    running.signal("CONT");
                }
            };
            while let Some(found) = Some(running.line_urged(urge)).filter(|line| line != "64") {
                missing.remove(&found.parse().unwrap());
            }
            if !missing.contains(&signal) {
                break;
            }
        }
    }
    let outcome = running.end();
    assert_eq!(outcome.code, Some(5), "{outcome:?}");
    // perl does not take two that came at once in the order in which they came.
    for found in outcome.stdout.lines() {
        missing.remove(&found.parse().unwrap());
    }
    let missing: Vec<String> = missing.iter().map(i32::to_string).collect();
    missing.join(" ")
}

/// Three processes: main, a child in its group, and one in a session of its own. Each says its name for USR1 and `done`
/// for USR2.
const FAMILY: &str = r"
    for my $name ('group', 'session', 'main') {
        next if $name ne 'main' and fork;
        if ($name eq 'session') { require POSIX; POSIX::setsid() }
        $SIG{USR1} = sub { syswrite STDOUT, qq($name\n) };
        $SIG{USR2} = sub { syswrite STDOUT, qq(done\n) };
        syswrite STDOUT, qq(here\n);
        select undef, undef, undef, 0.05 while 1;
    }";

pub fn recipients(container: &Container, init: &Init) -> String {
    let running = init.start(container, User::Root, &["perl", "-e", FAMILY]);
    for _ in 0..3 {
        running.expect("here");
    }
    running.signal("USR1");
    wait_until_taken(running.init());
    // Whoever got USR1 takes that first, being the lower number.
    let main = children(running.init())[0];
    let family = [vec![main], children(main)].concat();
    assert_eq!(family.len(), 3);
    for pid in family {
        send(pid, "USR2");
    }
    let mut names = BTreeSet::new();
    let mut done = 0;
    while done < 3 {
        match running.line().as_str() {
            "done" => done += 1,
            name => drop(names.insert(name.to_owned())),
        }
    }
    names.into_iter().collect::<Vec<_>>().join(" ")
}

/// Says that it is there, and after a byte that it has changed its user; exits with 5 at the end of its input.
const CHANGES: &str = r"
    use POSIX ();
    syswrite STDOUT, qq(ready\n);
    sysread STDIN, my $byte, 1;
    POSIX::setuid(12345);
    syswrite STDOUT, qq(changed\n);
    1 while sysread STDIN, $byte, 1;
    exit 5;";

pub fn forbidden(container: &Container, init: &Init) -> String {
    // Root without CAP_KILL may not signal a process of another user.
    let start = ["setpriv", "--bounding-set=-kill"];
    let words = [&start[..], &init.words(&["perl", "-e", CHANGES])].concat();
    let mut running = Running::new(container.command(User::Root, &words));
    running.expect("ready");
    running.press(b"\n");
    running.expect("changed");
    // An init that exits is gone soon after.
    let pid = running.init();
    running.signal("USR1");
    wait_until_taken(pid);
    let outcome = running.end();
    let told = if outcome.stderr.is_empty() {
        ""
    } else {
        "is told, "
    };
    match outcome.code {
        Some(5) => format!("{told}goes on"),
        code => format!("exits with {}", code.unwrap()),
    }
}

pub fn early(container: &Container, init: &Init) -> String {
    let main = "use POSIX (); $SIG{TERM} = sub { print qq(term\\n); exit 4 }; \
                POSIX::sigprocmask(POSIX::SIG_UNBLOCK, POSIX::SigSet->new(15)); \
                select undef, undef, undef, 0.05 for 1..100";
    // Blocked signals stay for the program that is executed.
    let line = "kill -TERM $$; exec \"$@\"";
    let start = ["env", "--block-signal=TERM", "bash", "-c", line, "bash"];
    let words = [&start[..], &init.words(&["perl", "-e", main])].concat();
    for _ in 0..20 {
        let outcome = finish(container.command(User::Nobody, &words));
        match (outcome.code, outcome.stdout.as_str()) {
            (Some(4), "term\n") => {}
            (Some(0 | 143), "") => return "may be lost, or come too early".to_owned(),
            _ => return format!("{outcome:?}"),
        }
    }
    "reaches main".to_owned()
}

pub fn terminal(container: &Container, init: &Init) -> String {
    let main = init.line("perl -e \"$TELL\"");
    let command = format!("exec {main}");
    let script = [
        "env",
        "SHELL=/bin/sh",
        "script",
        "--quiet",
        "--return",
        "--command",
    ];
    let words = [&script[..], &[&command, "/dev/null"]].concat();
    let mut command = container.command(User::Root, &words);
    command.env("TELL", TELL);
    let mut running = Running::new(command);
    // What init has to say of itself comes first.
    let whose = std::iter::repeat_with(|| running.line())
        .find(|line| line.starts_with("foreground"))
        .unwrap();
    running.press(b"\x03");
    running.expect("^Cgot 2");
    running.press(b"\x04");
    let outcome = running.end_with_open_input();
    assert_eq!(outcome.code, Some(5), "{outcome:?}");
    let often = 1 + outcome.stdout.matches("got 2").count();
    let whose = if whose.trim() == "foreground main" {
        "main's"
    } else {
        "another's"
    };
    format!(
        "{whose}, {}",
        if often == 1 { "once" } else { "more than once" }
    )
}
