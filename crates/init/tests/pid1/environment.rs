//! The environment that commands and roles get.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::container::{Container, Outcome, User, finish};

/// Puts a file into the container.
fn with_file(container: Container, path: &str, text: &str, mode: u32) -> Container {
    let path = container.path(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    container
}

/// Runs init in `/app`, the application's folder.
fn in_app(
    container: &Container,
    user: User,
    variables: &[(&str, &str)],
    words: &[&str],
) -> Outcome {
    fs::create_dir_all(container.path("app")).unwrap();
    let variables: Vec<String> = variables
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let variables: Vec<&str> = variables.iter().map(String::as_str).collect();
    let words = [&["env", "-C", "/app"], &variables[..], &["/init"], words].concat();
    finish(container.command(user, &words))
}

const ENV: &str = "app/.s2i/action_hooks/deploy_env";

#[test]
fn a_script_is_sourced_and_leaves_nothing_else_behind() {
    let Some(mut container) = Container::new() else {
        return;
    };
    let show = "echo \"${A-unset}|${GIVEN-unset}|$PWD|$(type helper 2>&1 | head -1)|$(env | grep -c ^BASH_FUNC)\"";
    for (script, told) in [
        ("A=1", "1|given|/app|"),
        ("A=\"$(printf made)\"; unset GIVEN", "made|unset|/app|"),
        ("helper() { :; }; cd /; A=x", "x|given|/app|"),
        ("echo noise; echo noise >&2; A=1", "1|given|/app|"),
        ("read line; A=\"got $line\"; true", ""),
        ("read line || A=nothing", "nothing|given|/app|"),
        ("sleep 300 & A=1", "1|given|/app|"),
        (
            "A=$(printf 'a%.0s' {1..200000}); A=${#A}",
            "200000|given|/app|",
        ),
        ("declare -r A=fixed", "fixed|given|/app|"),
    ] {
        container = with_file(container, ENV, script, 0o644);
        for user in [User::Root, User::Nobody] {
            let mut command = container.command(
                user,
                &[
                    "env",
                    "-C",
                    "/app",
                    "GIVEN=given",
                    "/init",
                    "bash",
                    "-c",
                    show,
                ],
            );
            let input = container.path("input");
            fs::write(&input, "typed\n").unwrap();
            command.stdin(fs::File::open(input).unwrap());
            let outcome = finish(command);
            if told.is_empty() {
                // `read` fails on the empty input, and the script runs under `set -e`.
                assert_eq!(outcome.code, Some(1), "{script}: {outcome:?}");
                assert!(
                    outcome
                        .stderr
                        .contains("deploy_env ended the shell: exit code 1"),
                    "{outcome:?}"
                );
                continue;
            }
            let expected = format!("{told}bash: line 1: type: helper: not found|0\n");
            assert_eq!(outcome.stdout, expected, "{script}: {outcome:?}");
            assert_eq!(outcome.code, Some(0));
        }
    }
}

#[test]
fn a_script_that_fails_fails_the_start() {
    let Some(mut container) = Container::new() else {
        return;
    };
    for (script, code, told) in [
        ("exit 9", 9, "ended the shell: exit code 9"),
        ("false; A=1", 1, "ended the shell: exit code 1"),
        ("exit 0", 78, "ended the shell: exit code 0"),
        ("kill -9 $$", 137, "ended the shell: signal KILL"),
        ("if", 2, "syntax error"),
    ] {
        container = with_file(container, ENV, script, 0o644);
        let outcome = in_app(
            &container,
            User::Nobody,
            &[],
            &["exec", "--", "echo", "ran"],
        );
        assert_eq!(
            (outcome.code, outcome.stdout.as_str()),
            (Some(code), ""),
            "{script}: {outcome:?}"
        );
        assert!(outcome.stderr.contains(told), "{script}: {outcome:?}");
    }
}

#[test]
fn it_is_made_once() {
    let Some(container) = Container::new() else {
        return;
    };
    let container = with_file(container, ENV, "PATH=$PATH:/once; COUNT=x$COUNT\n", 0o644);
    let show = "echo $COUNT $PATH";
    let nested = [
        "exec", "--", "/init", "exec", "--", "/init", "sh", "-c", show,
    ];
    let outcome = in_app(
        &container,
        User::Root,
        &[("PATH", "/usr/bin:/bin")],
        &nested,
    );
    assert_eq!(outcome.stdout, "x /usr/bin:/bin:/once\n", "{outcome:?}");
    // Another script is another matter.
    let again =
        "echo 'COUNT=y$COUNT' > /app/.s2i/action_hooks/deploy_env; exec /init sh -c 'echo $COUNT'";
    let outcome = in_app(&container, User::Root, &[], &["sh", "-c", again]);
    assert_eq!(outcome.stdout, "yx\n", "{outcome:?}");
}

#[test]
fn without_bash_the_subset_is_enough() {
    let Some(container) = Container::new() else {
        return;
    };
    // A search path on which there is no bash.
    fs::create_dir(container.path("tools")).unwrap();
    symlink("/usr/bin/env", container.path("tools/env")).unwrap();
    let variables = [("PATH", "/tools"), ("NAME", "world")];
    let script = "# comment\nexport GREETING=\"hello ${NAME:-you}\" UNSET='no'\nunset UNSET\n";
    let mut container = with_file(container, ENV, script, 0o644);
    let outcome = in_app(&container, User::Nobody, &variables, &["env"]);
    assert!(
        outcome.stdout.contains("GREETING=hello world\n"),
        "{outcome:?}"
    );
    assert!(!outcome.stdout.contains("UNSET"), "{outcome:?}");
    container = with_file(container, ENV, "A=1\nB=$(date)\n", 0o644);
    let outcome = in_app(&container, User::Nobody, &variables, &["env"]);
    assert_eq!(outcome.code, Some(78), "{outcome:?}");
    let told = "deploy_env:2: this image has no bash, and the script needs it for a command substitution\n";
    assert!(outcome.stderr.ends_with(told), "{outcome:?}");
}

#[test]
fn layers_and_their_programs() {
    let Some(container) = Container::new() else {
        return;
    };
    let program = "#!/bin/sh\nprintf 'MADE = \"by %s\"\\nROLE_WAS = \"%s\"\\n' \"$0\" \"$LAUNCH\" >&3; echo noise\n";
    let contract = r#"{"version":1,"project":"p","service":"s","default_role":"web","roles":{"web":{"command":"env"}}}"#;
    let container = container.contract(contract);
    let container = with_file(container, "layers/a/one/env.launch/LAUNCH", "all", 0o644);
    let container = with_file(
        container,
        "layers/a/one/env.launch/web/LAUNCH.append",
        "+web",
        0o644,
    );
    let container = with_file(container, "layers/b/two/exec.d/program", program, 0o755);
    let container = with_file(container, "layers/b/two/bin/tool", "#!/bin/sh\n", 0o755);
    let container = with_file(
        container,
        "layers/b/two/exec.d/web/program",
        "#!/bin/sh\necho 'WEB = \"yes\"' >&3\n",
        0o755,
    );
    let outcome = in_app(
        &container,
        User::Nobody,
        &[("PATH", "/usr/bin")],
        &["start"],
    );
    for line in [
        "LAUNCH=all+web",
        "MADE=by /layers/b/two/exec.d/program",
        "ROLE_WAS=all+web",
        "WEB=yes",
        "PATH=/layers/b/two/bin:/usr/bin",
    ] {
        assert!(
            outcome.stdout.lines().any(|found| found == line),
            "{line}: {outcome:?}"
        );
    }
    assert!(!outcome.stdout.contains("noise"), "{outcome:?}");
    let outcome = in_app(&container, User::Nobody, &[], &["env"]);
    assert!(
        outcome.stdout.contains("LAUNCH=all\n") && !outcome.stdout.contains("WEB"),
        "{outcome:?}"
    );

    let mut container = container;
    for (program, code, told) in [
        ("#!/bin/sh\nexit 4\n", 4, "failed with exit code 4"),
        (
            "#!/bin/sh\necho 'A = 1' >&3\n",
            78,
            "is not TOML with names and strings",
        ),
    ] {
        container = with_file(container, "layers/b/two/exec.d/program", program, 0o755);
        let outcome = in_app(&container, User::Nobody, &[], &["env"]);
        assert_eq!(
            (outcome.code, outcome.stdout.as_str()),
            (Some(code), ""),
            "{outcome:?}"
        );
        assert!(outcome.stderr.contains(told), "{outcome:?}");
    }
}

#[test]
fn limits_are_exported() {
    let Some(container) = Container::new() else {
        return;
    };
    let container = with_file(container, "sys/fs/cgroup/cpu.max", "50000 100000\n", 0o644);
    let container = with_file(container, "sys/fs/cgroup/memory.max", "268435456\n", 0o644);
    let show = ["sh", "-c", "echo $NUMBER_OF_CORES $MEMORY_LIMIT_IN_BYTES"];
    let outcome = in_app(&container, User::Nobody, &[], &show);
    assert_eq!(outcome.stdout, "1 268435456\n", "{outcome:?}");
    let outcome = in_app(&container, User::Nobody, &[("NUMBER_OF_CORES", "7")], &show);
    assert_eq!(outcome.stdout, "7 268435456\n", "{outcome:?}");
}

#[test]
fn a_user_without_a_name_gets_one() {
    let Some(container) = Container::new() else {
        return;
    };
    let show = ["sh", "-c", "echo $USER $LOGNAME $HOME"];
    let outcome = in_app(&container, User::Nobody, &[], &show);
    assert_eq!(outcome.stdout, "default default /app\n", "{outcome:?}");
    let outcome = in_app(
        &container,
        User::Nobody,
        &[("HOME", "/"), ("USER", "me")],
        &show,
    );
    assert_eq!(outcome.stdout, "me default /app\n", "{outcome:?}");
    let passwd = "root:x:0:0::/root:/bin/sh\nnamed:x:12345:0::/home/named:/bin/sh\n";
    let container = with_file(container, "etc/passwd", passwd, 0o644);
    let outcome = in_app(&container, User::Nobody, &[("HOME", "/given")], &show);
    assert_eq!(outcome.stdout, "named named /given\n", "{outcome:?}");
    let outcome = in_app(&container, User::Nobody, &[("HOME", "/")], &show);
    assert_eq!(outcome.stdout, "named named /home/named\n", "{outcome:?}");
}

#[test]
fn nothing_needs_a_place_to_write() {
    let Some(container) = Container::new() else {
        return;
    };
    let container = with_file(container, ENV, "A=\"$(printf made)\"\n", 0o644);
    let container = with_file(
        container,
        "app/.s2i/action_hooks/ready",
        "#!/bin/sh\necho ready $A\n",
        0o755,
    );
    let container = with_file(
        container,
        "app/.s2i/jobs/nightly/one",
        "#!/bin/sh\necho job $A\n",
        0o755,
    );
    fs::create_dir(container.path("ro")).unwrap();
    // The root once more, read-only and without /run, /tmp and /dev.
    let line = "mount --bind / /ro && mount -o remount,bind,ro /ro && mount -t proc proc /ro/proc && \
        for f in bin lib lib64 usr; do [ -L /$f ] || mount --bind /$f /ro/$f; done && \
        exec chroot /ro setpriv --reuid=12345 --regid=0 --clear-groups --no-new-privs env -C /app /init \"$@\"";
    for (words, stdout) in [
        (&["sh", "-c", "echo command $A"][..], "command made\n"),
        (&["ready"], "ready made\n"),
        (&["jobs", "nightly"], "job made\n"),
    ] {
        let outcome =
            finish(container.command(User::Root, &[&["sh", "-c", line, "sh"], words].concat()));
        assert_eq!(
            (outcome.code, outcome.stdout.as_str()),
            (Some(0), stdout),
            "{words:?} {outcome:?}"
        );
    }
}
