//! `--from-app`: the environment of the role that runs, although its script makes another one each time.

use std::fs;
use std::process::Command;

use crate::container::{Container, Outcome, User, finish};
use crate::running::Running;

/// Runs init in the namespaces of a container that runs, as `kubectl exec` does, as this user.
fn enter(running: &Running, uid: &str, words: &[&str]) -> Outcome {
    let mut command = Command::new("nsenter");
    let target = running.init().to_string();
    command
        .args(["-t", &target, "-p", "-m", "-r", "-w", "--", "setpriv"])
        .args(["--reuid", uid, "--regid=0", "--clear-groups"])
        .args(["env", "-C", "/app", "/init"])
        .args(words)
        .env_clear()
        .env(
            "PATH",
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        )
        .env("TERM", "of-the-caller");
    finish(command)
}

#[test]
fn is_what_the_application_was_given() {
    for role in [
        // It writes over its own environment, as nginx does.
        r#"{"command":["perl","-e","$0='x'x4000;$|=1;print qq($ENV{CHANCE}\n);sleep 1000"]}"#,
        r#"{"command":["perl","-e","$|=1;print qq($ENV{CHANCE}\n);sleep 1000"],"supervise":{}}"#,
    ] {
        let Some(container) = Container::new() else {
            return;
        };
        let container = container.contract(&format!(
            r#"{{"version":1,"project":"p","service":"s","roles":{{"web":{role}}},"jobs":{{"tell":{{"command":"echo $CHANCE $TERM"}}}}}}"#
        ));
        let hooks = container.path("app/.s2i/action_hooks");
        fs::create_dir_all(&hooks).unwrap();
        let script = hooks.join("deploy_env");
        fs::write(&script, "CHANCE=$RANDOM-$RANDOM-$RANDOM; LATE=$BASHPID").unwrap();
        let line = "cd /app; exec /init start web";
        let running = Running::new(container.command(User::Nobody, &["sh", "-c", line]));
        let chance = running.line();
        let as_user = |words: &[&str]| enter(&running, "12345", words);
        // The script has changed since.
        fs::write(&script, "CHANCE=another").unwrap();
        let show = ["--", "sh", "-c", "echo $CHANCE $TERM"];
        let told = format!("{chance} of-the-caller\n");
        for words in [
            &[&["exec", "--from-app"], &show[..]].concat()[..],
            &[&["--from-app"], &show[..]].concat(),
            &["job", "--from-app", "tell"],
        ] {
            let outcome = as_user(words);
            assert_eq!(
                (outcome.code, &outcome.stdout),
                (Some(0), &told),
                "{outcome:?}"
            );
        }
        let outcome = as_user(&[&["exec"], &show[..]].concat());
        assert_eq!(outcome.stdout, "another of-the-caller\n", "{outcome:?}");
        // Another user may not read it, and is told.
        let outcome = enter(&running, "23456", &["exec", "--from-app", "true"]);
        assert_eq!(outcome.code, Some(69), "{outcome:?}");
        assert!(outcome.stderr.contains("no role runs here"), "{outcome:?}");
    }
}
