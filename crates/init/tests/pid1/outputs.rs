//! Where services write to.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use crate::container::{Container, Outcome, User, finish};

const PASSWD: &str = "root:x:0:0::/root:/bin/sh\nshop:x:4000:4001::/:/bin/sh\n";

/// A container whose service `other` runs twice with these habits before `main` ends: it writes a line to each output.
fn with(habits: &str) -> Option<Container> {
    let command = "echo out; echo error >&2; mkdir /state/once 2>/dev/null";
    let contract = format!(
        r#"{{"version":1,"project":"p","service":"s","roles":{{"web":{{"command":"echo main","supervise":{{"main":{{"after":["other"]}},
            "services":{{"other":{{"command":"{command}; test $? != 0","habits":{{"oneshot":true,"restart":"on-failure",{habits}}}}}}}}}}}}}}}"#
    );
    let container = Container::new()?.contract(&contract);
    fs::write(container.path("etc/passwd"), PASSWD).unwrap();
    fs::create_dir(container.path("state")).unwrap();
    fs::set_permissions(container.path("state"), fs::Permissions::from_mode(0o777)).unwrap();
    Some(container)
}

fn run(container: &Container, user: User) -> Outcome {
    finish(container.command(user, &["/init", "start", "web"]))
}

#[test]
fn a_file_gets_what_a_service_prints_as_it_is() {
    for (user, habits, owner) in [
        (User::Nobody, r#""log":"/state/other.log""#, 12345),
        (
            User::Root,
            r#""log":"/state/other.log","user":"shop""#,
            4000,
        ),
    ] {
        let Some(container) = with(habits) else {
            return;
        };
        let outcome = run(&container, user);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert_eq!(outcome.stdout, "main | main\n", "{outcome:?}");
        assert!(!outcome.stderr.contains("other | "), "{outcome:?}");
        let file = container.path("state/other.log");
        // The second start has written behind the first.
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(text, "out\nerror\nout\nerror\n");
        let about = fs::metadata(&file).unwrap();
        assert_eq!((about.uid(), about.mode() & 0o777), (owner, 0o644));
    }
}

#[test]
fn a_file_that_is_there_is_kept() {
    let Some(container) = with(r#""log":"/state/other.log","user":"shop""#) else {
        return;
    };
    let file = container.path("state/other.log");
    fs::write(&file, "before\n").unwrap();
    let outcome = run(&container, User::Root);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text, "before\nout\nerror\nout\nerror\n");
    assert_eq!(fs::metadata(&file).unwrap().uid(), 0);
}

#[test]
fn a_link_of_the_service_s_own_leads_nowhere() {
    let Some(container) = with(r#""log":"/state/other.log","user":"shop""#) else {
        return;
    };
    fs::write(container.path("etc/kept"), "kept").unwrap();
    std::os::unix::fs::symlink("/etc/kept", container.path("state/other.log")).unwrap();
    let outcome = run(&container, User::Root);
    assert_eq!(outcome.code, Some(71), "{outcome:?}");
    // C libraries have different words for ELOOP.
    let said = r#"cannot open the log for service "other": "#;
    let is_said = |line: &str| line.contains(said) && line.ends_with("(os error 40)");
    assert!(outcome.stderr.lines().any(is_said), "{outcome:?}");
    assert_eq!(
        fs::read_to_string(container.path("etc/kept")).unwrap(),
        "kept"
    );
}

#[test]
fn null_is_nowhere_and_without_it_lines_are_ours() {
    for (habits, stdout, stderr) in [
        (r#""log":"null""#, "main | main\n", 0),
        (r#""env":{}"#, "other | out\nother | out\nmain | main\n", 2),
    ] {
        let Some(container) = with(habits) else {
            return;
        };
        let outcome = run(&container, User::Nobody);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert_eq!(outcome.stdout, stdout, "{outcome:?}");
        let lines = outcome.stderr.lines();
        let errors = lines.filter(|line| *line == "other | error").count();
        assert_eq!(errors, stderr, "{outcome:?}");
    }
}

#[test]
fn what_cannot_be_written_to_ends_the_start() {
    for (habits, code, told) in [
        (
            r#""log":"other.log""#,
            78,
            r#"the log "other.log" of service "other" is neither the absolute path of a file nor null"#,
        ),
        (
            r#""log":"/none/other.log""#,
            71,
            r#"cannot open the log for service "other": No such file"#,
        ),
        (
            r#""log":"/state/pipe""#,
            71,
            r#"cannot open the log for service "other": No such device"#,
        ),
        (
            r#""log":"/state""#,
            71,
            r#"cannot open the log for service "other": Is a directory"#,
        ),
    ] {
        let Some(container) = with(&format!(r#""essential":true,{habits}"#)) else {
            return;
        };
        // Nobody reads it: to open it must not wait.
        let made = std::process::Command::new("mkfifo")
            .arg(container.path("state/pipe"))
            .status();
        assert!(made.unwrap().success());
        let outcome = run(&container, User::Root);
        assert_eq!(outcome.code, Some(code), "{habits} {outcome:?}");
        assert!(outcome.stderr.contains(told), "{habits} {outcome:?}");
    }
}
