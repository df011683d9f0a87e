//! Kernels of old, and sandboxes that refuse what they do not know: strace answers in their place.

use std::fs;
use std::io::Write as _;
use std::process::Command;

use crate::container::{Container, Outcome, User, finish};

/// All that came after Linux 4.18, which RHEL 8 has. What strace does not know does not matter.
const NEWER: &str = "?pidfd_send_signal,?open_tree,?move_mount,?pidfd_open,?clone3,?close_range,?openat2,?pidfd_getfd,\
    ?faccessat2,?process_madvise,?epoll_pwait2,?mount_setattr,?futex_waitv,?fchmodat2,?cachestat";

/// What a sandbox may refuse on any kernel.
const REFUSED: &str = "statx,memfd_create,getrandom,rseq,madvise,sched_getaffinity";

pub fn has_strace() -> bool {
    let there = Command::new("strace").arg("-V").output().is_ok();
    if !there {
        let _ = std::io::stderr().write_all(b"not run: strace is not there\n");
    }
    there
}

fn container() -> Option<Container> {
    if !has_strace() {
        return None;
    }
    let container = Container::new()?.contract(
        r#"{"version":1,"project":"p","service":"s","roles":{
            "one":{"command":"/init --from-app -- sh -c 'echo $MARK'; exit 5"},
            "two":{"command":"sleep 0.2; exit 6","supervise":{"services":{"side":{"command":"sleep 1000"}}}}}}"#,
    );
    fs::create_dir_all(container.path("state")).unwrap();
    Some(container)
}

/// Runs init, and all below it, where these calls give that error; tells whether one was asked for.
fn without(container: &Container, calls: &str, error: &str, words: &[&str]) -> (Outcome, bool) {
    let trace = format!("trace={calls}");
    let inject = format!("inject={calls}:error={error}");
    let strace = [
        "strace",
        "-f",
        "-qq",
        "-o",
        "/state/calls",
        "-e",
        &trace,
        "-e",
        &inject,
    ];
    let words = [&strace[..], &["env", "MARK=here"], words].concat();
    let outcome = finish(container.command(User::Root, &words));
    let calls = fs::read_to_string(container.path("state/calls")).unwrap();
    (outcome, calls.contains("(INJECTED)"))
}

#[test]
fn are_enough() {
    let Some(container) = container() else {
        return;
    };
    let descriptors = "exec 3</dev/null 7</dev/null 8</dev/null; exec /init --keep-fds 7 -- \
        sh -c 'for n in 3 7 8; do [ ! -e /proc/self/fd/$n ] || printf $n; done'";
    let left = "perl -MPOSIX -e 'exit if fork; POSIX::setsid(); $|=1; $SIG{TERM}=sub{print qq(graceful\\n);exit}; \
        open F,q(>/state/up); sleep 1 while 1'; while ! test -e /state/up; do sleep 0.1; done; exit 3";
    for (calls, error) in [
        (NEWER, "ENOSYS"),
        (NEWER, "EPERM"),
        (REFUSED, "ENOSYS"),
        (REFUSED, "EPERM"),
    ] {
        let run = |words: &[&str]| without(&container, calls, error, words).0;
        let _ = fs::remove_file(container.path("state/up"));
        let (kept, is_asked) = without(&container, calls, error, &["sh", "-c", descriptors]);
        assert!(is_asked, "{calls} {error}");
        assert_eq!(
            (kept.code, kept.stdout.as_str()),
            (Some(0), "7"),
            "{calls} {error} {kept:?}"
        );
        let plain = run(&["/init", "--", "sh", "-c", left]);
        let told = (plain.code, plain.stdout.as_str());
        assert_eq!(told, (Some(3), "graceful\n"), "{calls} {error} {plain:?}");
        let missing = run(&["/init", "--", "/no/such"]);
        assert_eq!(missing.code, Some(127), "{calls} {error} {missing:?}");
        let services = run(&["/init", "start", "two"]);
        assert_eq!(services.code, Some(6), "{calls} {error} {services:?}");
        // Where nothing can be kept in memory, who wants it is told so.
        let one = run(&["/init", "start", "one"]);
        assert_eq!(one.code, Some(5), "{calls} {error} {one:?}");
        let is_kept = one.stdout == "here\n";
        assert!(is_kept == (calls == NEWER), "{calls} {error} {one:?}");
    }
}

/// PID 1 loses the signals that come before it has blocked them.
#[test]
fn or_new_ones_see_signals_blocked_first() {
    let Some(container) = container() else {
        return;
    };
    let words = ["strace", "-o", "/state/calls", "/init", "--version"];
    let outcome = finish(container.command(User::Root, &words));
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let calls = fs::read_to_string(container.path("state/calls")).unwrap();
    let second = calls.lines().nth(1).unwrap_or_default();
    assert!(
        second.starts_with("rt_sigprocmask(SIG_SETMASK, ~[]"),
        "{calls}"
    );
}
