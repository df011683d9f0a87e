//! What the main process inherits is what it would have without init.

use crate::container::{Container, User, finish};

#[test]
fn signal_state_is_given_back_to_the_bit() {
    let Some(container) = Container::new() else {
        return;
    };
    let show = [
        "grep",
        "-E",
        "^(Sig(Blk|Ign|Cgt)|NoNewPrivs|Cap)",
        "/proc/self/status",
    ];
    for (user, state) in [
        (User::Root, &[][..]),
        (User::Nobody, &[]),
        (User::Nobody, &["--block-signal=USR1,TTOU,TERM"]),
        (User::Nobody, &["--ignore-signal=HUP,PIPE,TTIN"]),
        (
            User::Nobody,
            &["--ignore-signal=CHLD", "--block-signal=CHLD"],
        ),
    ] {
        let with = |init: &[&str]| {
            let words = [&["env"], state, init, &show].concat();
            finish(container.command(user, &words))
        };
        let (ours, none) = (with(&["/init", "--"]), with(&[]));
        assert_eq!(ours.stdout, none.stdout, "{state:?} {ours:?}");
        assert!(ours.stdout.contains("SigIgn:"), "{ours:?}");
    }
}

#[test]
fn pipe_is_not_ignored() {
    let Some(container) = Container::new() else {
        return;
    };
    // Were PIPE ignored, `yes` would tell of the error and the pipeline's first code would be 1.
    let line = "yes | head -1 > /dev/null; echo ${PIPESTATUS[0]}";
    let outcome = container.run(User::Root, &["--", "bash", "-c", line]);
    assert_eq!(
        (outcome.stdout.as_str(), outcome.stderr.as_str()),
        ("141\n", "")
    );
}

#[test]
fn no_descriptor_is_added() {
    let Some(container) = Container::new() else {
        return;
    };
    let show = [
        "perl",
        "-e",
        "print join(',', sort grep { -e \"/proc/self/fd/$_\" } 0..63), qq(\\n)",
    ];
    let with =
        |init: &[&str]| finish(container.command(User::Root, &[init, &show].concat())).stdout;
    assert_eq!(with(&["/init", "--"]), with(&[]));
}

#[test]
fn the_descriptors_that_are_kept_are_chosen() {
    let Some(container) = Container::new() else {
        return;
    };
    let line = "exec 3</dev/null 7</dev/null 8</dev/null; export LISTEN_PID=$$ LISTEN_FDS=$0; exec /init $1 -- \
        sh -c 'for n in 3 4 5 6 7 8 9; do [ ! -e /proc/self/fd/$n ] || printf $n; done'";
    for (sockets, flags, kept) in [
        ("0", "", "378"),
        ("0", "--keep-fds none", ""),
        ("0", "--keep-fds 8,3", "38"),
        ("0", "--keep-fds 7,9", "7"),
        ("1", "--keep-fds 7", "37"),
    ] {
        let outcome = finish(container.command(User::Nobody, &["sh", "-c", line, sockets, flags]));
        assert_eq!(
            (outcome.code, outcome.stdout.as_str()),
            (Some(0), kept),
            "{flags} {outcome:?}"
        );
    }
    for wrong in ["1", "x", "", "3,,4"] {
        let outcome = container.run(User::Nobody, &["--keep-fds", wrong, "--", "true"]);
        assert_eq!(outcome.code, Some(64), "{wrong:?} {outcome:?}");
    }
}

#[test]
fn it_leads_a_group_and_keeps_its_folder() {
    let Some(container) = Container::new() else {
        return;
    };
    let show = "print join(' ', $$ == getpgrp() ? 'leads' : 'follows', $ENV{ODD}, `pwd`)";
    let words = [
        "env",
        "-C",
        "/usr/bin",
        "ODD=a=b c",
        "/init",
        "--",
        "perl",
        "-e",
        show,
    ];
    let outcome = finish(container.command(User::Nobody, &words));
    assert_eq!(outcome.stdout, "leads a=b c /usr/bin\n", "{outcome:?}");
}

#[test]
fn closed_standard_streams_do_no_harm() {
    let Some(container) = Container::new() else {
        return;
    };
    for (line, code) in [
        ("exec <&- >&- 2>&-; exec /init -- sh -c 'exit 7'", 7),
        ("exec <&- >&- 2>&-; exec /init no-such-program", 127),
        ("exec >&-; exec /init --version", 1),
        ("exec >/dev/full; exec /init --help", 1),
        ("exec 2>/dev/full; exec /init no-such-program", 127),
    ] {
        let outcome = finish(container.command(User::Root, &["sh", "-c", line]));
        assert_eq!(outcome.code, Some(code), "{line}: {outcome:?}");
    }
}

#[test]
fn init_leaves_the_folder_and_closes_what_it_passed_on() {
    let Some(container) = Container::new() else {
        return;
    };
    // The pipe ends when nobody holds its other end: not the main process, which has closed it, and not init.
    let main = "readlink /proc/1/cwd; pwd; exec 7>&-; read -t 20 x <&6 || echo \"ended $?\"";
    let line = "mkfifo /pipe; exec 6<>/pipe 7>/pipe; exec 5</pipe 6>&-; exec 6<&5 5>&-; cd /usr/lib; exec /init -- bash -c \"$0\"";
    let outcome = finish(container.command(User::Root, &["bash", "-c", line, main]));
    assert_eq!(outcome.stdout, "/\n/usr/lib\nended 1\n", "{outcome:?}");
}

#[test]
fn sockets_that_were_passed_are_passed_on() {
    let Some(container) = Container::new() else {
        return;
    };
    let show = "echo $(($$ == ${LISTEN_PID:-0})) $LISTEN_PID";
    for (line, told) in [
        ("export LISTEN_PID=$$; exec /init -- sh -c \"$0\"", "1"),
        // Meant for somebody else.
        (
            "export LISTEN_PID=77777; exec /init -- sh -c \"$0\"",
            "0 77777",
        ),
        ("exec /init -- sh -c \"$0\"", "0"),
    ] {
        let outcome = finish(container.command(User::Nobody, &["sh", "-c", line, show]));
        let (first, rest) = outcome
            .stdout
            .trim()
            .split_once(' ')
            .unwrap_or((outcome.stdout.trim(), ""));
        let (expected, value) = told.split_once(' ').unwrap_or((told, ""));
        assert_eq!(first, expected, "{line}: {outcome:?}");
        assert!(value.is_empty() || rest == value, "{line}: {outcome:?}");
    }
}

#[test]
fn a_relative_path_starts_where_init_was_started() {
    let Some(container) = Container::new() else {
        return;
    };
    let container = container.script("plain", "echo here\n", 0o755);
    for words in ["./plain", "../scripts/plain"] {
        let outcome = finish(container.command(
            User::Nobody,
            &["env", "-C", "/scripts", "/init", "--", words],
        ));
        assert_eq!(outcome.stdout, "here\n", "{outcome:?}");
    }
    let outcome = finish(container.command(
        User::Nobody,
        &["env", "-C", "/scripts", "/init", "--", "./none"],
    ));
    assert_eq!(outcome.code, Some(127), "{outcome:?}");
}
