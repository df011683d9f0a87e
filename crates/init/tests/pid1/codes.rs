//! Exit codes.

use crate::container::{Container, User};

#[test]
fn the_code_of_the_main_process() {
    let Some(container) = Container::new() else {
        return;
    };
    for user in [User::Root, User::Nobody] {
        for code in [
            0, 1, 2, 63, 64, 77, 78, 125, 126, 127, 128, 129, 137, 143, 254, 255,
        ] {
            let line = format!("exit {code}");
            let outcome = container.run(user, &["exec", "--", "sh", "-c", &line]);
            assert_eq!(outcome.code, Some(code), "{user:?} {outcome:?}");
            assert_eq!(outcome.stderr, "");
        }
    }
}

#[test]
fn the_signal_that_killed_it() {
    let Some(container) = Container::new() else {
        return;
    };
    for signal in [1, 2, 3, 6, 9, 10, 11, 13, 14, 15, 31, 34, 64] {
        let line = format!("ulimit -c 0; kill -{signal} $$");
        let outcome = container.run(User::Root, &["--", "sh", "-c", &line]);
        assert_eq!(outcome.code, Some(128 + signal), "{outcome:?}");
    }
}

#[test]
fn what_cannot_be_executed() {
    let Some(container) = Container::new() else {
        return;
    };
    let container = container
        .script("plain", "echo never\n", 0o644)
        .script("no-interpreter", "#!/no/such/interpreter\n", 0o755)
        .script("rubbish", "\u{7f}ELF and nothing else\n", 0o755)
        .script("no-format", "echo \"$0 $1\"\n", 0o755);
    for (words, code, told) in [
        (
            &["no-such-program"][..],
            127,
            "cannot run no-such-program: it is not in the search path",
        ),
        (
            &["/no/such/file"],
            127,
            "cannot run /no/such/file: No such file or directory",
        ),
        (&["--", ""], 127, "cannot run : No such file"),
        (
            &["/init/file"],
            127,
            "cannot run /init/file: Not a directory",
        ),
        (&["/usr"], 126, "cannot run /usr: Permission denied"),
        (
            &["plain"],
            126,
            "cannot run /scripts/plain: Permission denied",
        ),
        (
            &["no-interpreter"],
            127,
            "cannot run /scripts/no-interpreter: the file is there, but",
        ),
        (
            &["rubbish"],
            126,
            "cannot run /scripts/rubbish: Exec format error",
        ),
    ] {
        for user in [User::Root, User::Nobody] {
            let outcome = container.run(user, words);
            assert_eq!(outcome.code, Some(code), "{words:?} {outcome:?}");
            let told = format!("boatyard-init: {told}");
            assert!(outcome.stderr.starts_with(&told), "{words:?} {outcome:?}");
        }
    }
    let outcome = container.run(User::Root, &["no-format", "argument"]);
    assert_eq!(
        outcome.stdout, "/scripts/no-format argument\n",
        "{outcome:?}"
    );
}

#[test]
fn wrong_use() {
    let Some(container) = Container::new() else {
        return;
    };
    for words in [&["--nonsense"][..], &["exec"], &["--grace", "soon", "true"]] {
        let outcome = container.run(User::Root, words);
        assert_eq!(outcome.code, Some(64), "{outcome:?}");
        assert!(
            outcome.stderr.contains("usage: boatyard-init"),
            "{outcome:?}"
        );
    }
}

#[test]
fn scripts_win_over_the_search_path() {
    let Some(container) = Container::new() else {
        return;
    };
    let container = container.script("true", "#!/bin/sh\necho \"script $*\"\nexit 9\n", 0o755);
    let outcome = container.run(User::Root, &["true", "a", "b"]);
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (Some(9), "script a b\n")
    );
    let outcome = container.run(User::Root, &["exec", "true"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(0), ""));
}

#[test]
fn that_count_as_success() {
    let Some(container) = Container::new() else {
        return;
    };
    for (flags, line, code) in [
        (&["-e", "3"][..], "exit 3", 0),
        (&["-e", "3"], "exit 4", 4),
        (&["-e", "143"], "kill -TERM $$", 0),
        (&["--stop-ok"], "kill -TERM $$", 143),
        // The shell asks init to stop, and dies of what init sends.
        (&["--stop-ok"], "kill -TERM $PPID; while :; do :; done", 0),
        (&[], "kill -TERM $PPID; while :; do :; done", 143),
    ] {
        let outcome = container.run(User::Root, &[flags, &["--", "sh", "-c", line]].concat());
        assert_eq!(outcome.code, Some(code), "{flags:?} {line}: {outcome:?}");
    }
}
