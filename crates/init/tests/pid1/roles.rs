//! Roles, jobs, and contracts that are no good.

use std::fs;

use crate::container::{Container, User, finish};

const CONTRACT: &str = r#"{"version":1,"project":"guestbook","service":"app","default_role":"web",
    "roles":{"web":{"command":"perl -e 'print qq(web $ENV{PORT}\n)'"},
             "worker":{"command":["perl","-e","print qq(worker @ARGV\n)","$HOME",""]},
             "line":{"command":"printf '%s\n' \"${GREETING:-good day}\" \"$(printf sub)\"","env":{"GREETING":"hello"}},
             "list":{"command":"true && printf 'listed\n'"},
             "failing":{"command":"sh -c 'exit 42'"}},
    "jobs":{"migrate":{"command":"perl -e 'print qq(migrated\n); exit 3'"}},
    "schedules":{"tidy":{"cron":"@daily","command":"printf 'tidied\n'"},
                 "migrate":{"cron":"@daily","command":"false"}}}"#;

#[test]
fn are_chosen() {
    let Some(container) = Container::new() else {
        return;
    };
    let container = container.contract(CONTRACT);
    for (words, variables, code, stdout) in [
        (&["start"][..], &[("PORT", "80")][..], 0, "web 80\n"),
        (&[], &[("PORT", "80")], 0, "web 80\n"),
        (&["start", "worker"], &[], 0, "worker $HOME \n"),
        (&["start"], &[("ROLE", "worker")], 0, "worker $HOME \n"),
        (&[], &[("ROLE", "worker")], 0, "worker $HOME \n"),
        (&["start"], &[("ROLE", "")], 0, "web \n"),
        (&["start", "failing"], &[("ROLE", "worker")], 42, ""),
        (&["start", "line"], &[], 0, "hello\nsub\n"),
        (
            &["start", "line"],
            &[("GREETING", "hi  *")],
            0,
            "hi  *\nsub\n",
        ),
        (&["start", "list"], &[], 0, "listed\n"),
        (&["job", "migrate"], &[], 3, "migrated\n"),
        (&["job", "tidy"], &[], 0, "tidied\n"),
        (&["roles"], &[], 0, "failing\nline\nlist\nweb\nworker\n"),
        (&["true"], &[("ROLE", "nonsense")], 0, ""),
    ] {
        let mut command = container.command(User::Nobody, &[&["/init"], words].concat());
        command.envs(variables.iter().copied());
        let outcome = finish(command);
        assert_eq!(
            outcome.stdout, stdout,
            "{words:?} {variables:?} {outcome:?}"
        );
        assert_eq!(
            outcome.code,
            Some(code),
            "{words:?} {variables:?} {outcome:?}"
        );
    }
}

#[test]
fn are_refused_by_name() {
    let Some(container) = Container::new() else {
        return;
    };
    let container = container.contract(CONTRACT);
    let known = "the roles of this image are: failing, line, list, web, worker";
    for (words, role, code, told) in [
        (
            &["start", "beat"][..],
            "",
            1,
            format!("unknown role \"beat\"; {known}"),
        ),
        (
            &["start"],
            "beat",
            1,
            format!("unknown role \"beat\" (from $ROLE); {known}"),
        ),
        (
            &[],
            "beat",
            1,
            format!("unknown role \"beat\" (from $ROLE); {known}"),
        ),
        (
            &["job", "nightly"],
            "",
            66,
            "unknown job \"nightly\"; the jobs of this image are: migrate".to_owned(),
        ),
    ] {
        let mut command = container.command(User::Nobody, &[&["/init"], words].concat());
        command.env("ROLE", role);
        let outcome = finish(command);
        assert_eq!(outcome.stderr, format!("boatyard-init: {told}\n"));
        assert_eq!(outcome.code, Some(code));
    }
}

#[test]
fn need_a_contract_that_can_be_used() {
    let Some(mut container) = Container::new() else {
        return;
    };
    let outcome = container.run(User::Nobody, &["start"]);
    assert_eq!(outcome.code, Some(78), "{outcome:?}");
    assert!(
        outcome
            .stderr
            .contains("there is no /etc/boatyard/contract.json"),
        "{outcome:?}"
    );

    let deep = "[".repeat(200_000);
    for (contract, told) in [
        ("", "it is not a contract"),
        ("rubbish", "it is not a contract"),
        ("\u{0}\u{1}\u{fffd}", "it is not a contract"),
        (deep.as_str(), "it is not a contract"),
        (r#"{"version":9}"#, "version 9"),
        (
            r#"{"version":1,"project":"p","service":"s","default_role":"x"}"#,
            "default role \"x\"",
        ),
        (
            r#"{"version":1,"project":"p","service":"s","roles":{"w":{"command":"a\u0000b"}}}"#,
            "NUL",
        ),
    ] {
        container = container.contract(contract);
        for words in [&["start"][..], &[], &["roles"], &["job", "x"]] {
            let outcome = container.run(User::Nobody, words);
            assert_eq!(outcome.code, Some(78), "{outcome:?}");
            assert!(outcome.stderr.contains(told), "{outcome:?}");
        }
        // A broken contract does not take the way in away.
        assert_eq!(container.run(User::Nobody, &["exec", "true"]).code, Some(0));
    }
    fs::remove_file(container.path("etc/boatyard/contract.json")).unwrap();
    fs::create_dir(container.path("etc/boatyard/contract.json")).unwrap();
    let outcome = container.run(User::Nobody, &["start"]);
    assert_eq!(outcome.code, Some(78), "{outcome:?}");
    assert!(
        outcome.stderr.contains("cannot read the contract"),
        "{outcome:?}"
    );
}

#[test]
fn no_word_and_no_contract_is_a_shell() {
    let Some(container) = Container::new() else {
        return;
    };
    let mut command = container.command(User::Nobody, &["/init"]);
    let input = container.path("input");
    fs::write(&input, "echo \"$0 $PPID\"; exit 5\n").unwrap();
    command.stdin(fs::File::open(input).unwrap());
    let outcome = finish(command);
    assert_eq!(outcome.code, Some(5), "{outcome:?}");
    assert_eq!(outcome.stdout, "bash 1\n");
}

#[test]
fn no_shell_stays_between() {
    let Some(container) = Container::new() else {
        return;
    };
    let print = r"perl -e 'print getppid, qq(\n)'";
    for line in [
        print.to_owned(),
        format!("exec {print}"),
        format!("A=b {print}"),
        format!("{print} 2>&1"),
        format!("\"${{NONE:-/usr/bin/env}}\" {print}"),
    ] {
        let contract = serde_json::json!({
            "version": 1, "project": "p", "service": "s", "default_role": "r", "roles": {"r": {"command": line}},
        });
        let container = Container::new().unwrap().contract(&contract.to_string());
        let outcome = container.run(User::Nobody, &["start"]);
        assert_eq!(outcome.stdout, "1\n", "{line}: {outcome:?}");
    }
    drop(container);
}
