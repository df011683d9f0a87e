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
