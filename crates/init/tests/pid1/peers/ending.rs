//! How main ends, and what becomes of the others.

use std::time::Duration;

use super::run::bash;
use super::table::Init;
use crate::container::{Container, User, finish};
use crate::leftovers::{DAEMON, ORPHANS};
use crate::running::Running;

pub fn codes(container: &Container, init: &Init) -> String {
    let one = init.line("sh -c \"exit $n\"");
    let line = format!(
        "for n in {{0..255}}; do unshare -fp --kill-child {one}; c=$?; [ $c = $n ] || echo $n is $c; done"
    );
    let outcome = bash(container, User::Root, &line);
    told_or(&outcome.stdout, "the same")
}

pub fn killed(container: &Container, init: &Init) -> String {
    let one = init.line("sh -c \"kill -$n \\$\\$\"");
    let line = format!(
        "ulimit -c 0; for n in {{1..16}} {{24..27}} {{29..31}} {{34..64}}; do unshare -fp --kill-child {one}; c=$?; [ $c = $((128 + n)) ] || echo $n is $c; done"
    );
    let outcome = bash(container, User::Root, &line);
    told_or(&outcome.stdout, "128 + signal")
}

/// What was said, on one line; else the word for silence.
pub fn told_or(said: &str, silence: &str) -> String {
    if said.is_empty() {
        silence.to_owned()
    } else {
        said.trim().replace('\n', ", ")
    }
}

pub fn not_executable(container: &Container, init: &Init) -> String {
    let codes = ["/no/such", "/proc/self/status"].map(|main| {
        let outcome = finish(container.command(User::Nobody, &init.words(&[main])));
        outcome.code.unwrap().to_string()
    });
    codes.join(", ")
}

pub fn grounds(container: &Container, init: &Init) -> String {
    let read_only = Container::new().unwrap().read_only();
    let main = ["sh", "-c", "echo here; exit 3"];
    for container in [container, &read_only] {
        for user in [User::Root, User::Nobody] {
            let outcome = finish(container.command(user, &init.words(&main)));
            if outcome.code != Some(3) || outcome.stdout != "here\n" {
                return format!("{user:?}: {outcome:?}");
            }
        }
    }
    let written = bash(&read_only, User::Root, "echo x > /new");
    assert_ne!(written.code, Some(0), "the root is not read-only");
    "yes".to_owned()
}

pub fn orphans(container: &Container, init: &Init) -> String {
    let outcome = finish(container.command(User::Nobody, &init.words(&["perl", "-e", ORPHANS])));
    match outcome.stdout.as_str() {
        "0 zombies\n" => "reaped".to_owned(),
        other => other.to_owned(),
    }
}

pub fn daemon(container: &Container, init: &Init) -> String {
    let outcome = finish(container.command(User::Nobody, &init.words(&["perl", "-e", DAEMON])));
    assert_eq!(outcome.code, Some(7), "{outcome:?}");
    match outcome.stdout.as_str() {
        "graceful\n" => "gets TERM and time".to_owned(),
        "" => "is killed".to_owned(),
        other => other.to_owned(),
    }
}

pub fn ignored_child(container: &Container, init: &Init) -> String {
    let start = ["env", "--ignore-signal=CHLD"];
    let main = ["sh", "-c", "echo here; exit 3"];
    let words = [&start[..], &init.words(&main)].concat();
    let running = Running::new(container.command(User::Nobody, &words));
    running.expect("here");
    // Nobody can tell the end of something that does not end; ours does, at once.
    let waits = running.is_silent(Duration::from_secs(6));
    match (waits, !waits && running.end().code == Some(3)) {
        (false, true) => "main's",
        _ => "lost: 1, or it waits for ever",
    }
    .to_owned()
}

pub fn beside(container: &Container, init: &Init) -> String {
    let main = r"
        my $init = getppid;
        pipe(my $reader, my $writer);
        unless (fork) {
            my $parent = $$;
            unless (fork) {
                select undef, undef, undef, 0.01 while getppid == $parent;
                syswrite $writer, getppid == $init ? 'come to init' : 'go to PID ' . getppid;
            }
            exit;
        }
        wait;
        sysread $reader, my $who, 99;
        print qq($who\n);";
    let start = ["bash", "-c", "\"$@\"; exit $?", "bash"];
    let words = [&start[..], &init.words(&["perl", "-e", main])].concat();
    let outcome = finish(container.command(User::Nobody, &words));
    outcome.stdout.trim().to_owned()
}
