//! S2I repositories: hooks around the scripts of a builder image, as powershift runs them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::container::{Container, Outcome, User, finish};

const SOURCE: &str = "/opt/app-root/src";

/// A builder image with its scripts, and an application with files; `=` before a text: not executable.
fn image(files: &[(&str, &str)]) -> Option<Container> {
    let container = Container::new()?;
    let scripts = [
        (
            "libexec/assemble",
            "echo assembled in $PWD with $A; mv /tmp/src/* .",
        ),
        (
            "libexec/run",
            "echo \"running ${A-none} $S2I_SCRIPTS_PATH $S2I_SOURCE_PATH\"; exit 5",
        ),
        ("libexec/tools/fix-permissions", "echo fixed $1"),
    ];
    fs::create_dir_all(container.path(&SOURCE[1..])).unwrap();
    for (name, text) in scripts.iter().chain(files) {
        let path = container.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let (text, mode) = match text.strip_prefix('=') {
            Some(text) => (text.to_owned(), 0o644),
            None => (format!("#!/bin/sh\n{text}\n"), 0o755),
        };
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    Some(container)
}

fn init(container: &Container, folder: &str, words: &[&str]) -> Outcome {
    let variables = [
        "S2I_SCRIPTS_PATH=/libexec",
        "PATH=/libexec/tools:/usr/bin:/bin",
    ];
    let before = [&["env", "-C", folder][..], &variables, &["/init"]].concat();
    finish(container.command(User::Root, &[&before[..], words].concat()))
}

const HOOKS: &[(&str, &str)] = &[
    (
        "opt/app-root/src/.s2i/action_hooks/deploy_env",
        "=A=made; helper() { :; }; echo from the script\n",
    ),
    (
        "opt/app-root/src/.s2i/action_hooks/deploy",
        "echo deploying $A",
    ),
    (
        "opt/app-root/src/.s2i/action_hooks/ready",
        "echo is ready $A",
    ),
    (
        "opt/app-root/src/.s2i/action_hooks/migrate",
        "echo migrating $A",
    ),
    ("opt/app-root/src/.s2i/action_hooks/verify", "=never"),
    (
        "opt/app-root/src/.s2i/jobs/nightly/b",
        "echo job $A; exit 3",
    ),
    ("opt/app-root/src/.s2i/cron_jobs/nightly/a", "echo old job"),
];

/// Words, exit code, standard output. `HOOKS/` is the folder of hooks.
const COMPATIBLE: &[(&[&str], i32, &str)] = &[
    (
        &["run"],
        5,
        " -----> Running application run script.\n -----> Running HOOKS/deploy_env\nfrom the script\n \
         -----> Running HOOKS/deploy\ndeploying made\n -----> Running builder run script (/libexec/run)\n\
         running made /libexec /opt/app-root/src\n",
    ),
    (
        &["ready"],
        0,
        " -----> Running HOOKS/deploy_env\nfrom the script\nis ready made\n",
    ),
    (
        &["alive"],
        0,
        " -----> Running HOOKS/deploy_env\nfrom the script\n",
    ),
    (
        &["migrate"],
        0,
        " -----> Running HOOKS/deploy_env\nfrom the script\n \
         -----> Running /opt/app-root/src/action_hooks/migrate\nmigrating made\n",
    ),
    (
        &["verify"],
        1,
        " -----> Running HOOKS/deploy_env\nfrom the script\nERROR: Script HOOKS/verify not executable.\n",
    ),
    (
        &["jobs", "nightly"],
        3,
        " -----> Running HOOKS/deploy_env\nfrom the script\n -----> Executing jobs (nightly)\n \
         -----> Running /opt/app-root/src/.s2i/cron_jobs/nightly/a\nold job\n \
         -----> Running /opt/app-root/src/.s2i/jobs/nightly/b\njob made\n",
    ),
    (
        &["jobs", "none"],
        0,
        " -----> Running HOOKS/deploy_env\nfrom the script\n -----> Executing jobs (none)\n",
    ),
    // powershift mixes what the script prints into these; ours does not.
    (&["exec", "sh", "-c", "echo $A"], 0, "made\n"),
];

#[test]
fn powershift_is_spoken() {
    let Some(container) = image(HOOKS) else {
        return;
    };
    for (words, code, stdout) in COMPATIBLE {
        let outcome = init(
            &container,
            SOURCE,
            &[&["--compat", "powershift"], *words].concat(),
        );
        let expected = stdout.replace("HOOKS", "/opt/app-root/src/.s2i/action_hooks");
        assert_eq!(
            (outcome.code, outcome.stdout),
            (Some(*code), expected),
            "{words:?} {}",
            outcome.stderr
        );
    }
    for command in ["run", "ready", "migrate"] {
        let outcome = init(&container, "/", &["--compat=powershift", command]);
        let expected = format!("ERROR: Working directory of '{command}' script is not {SOURCE}.\n");
        assert!(outcome.stdout.ends_with(&expected), "{outcome:?}");
        assert_eq!(outcome.code, Some(1));
    }
}

#[test]
fn without_it_only_the_application_speaks() {
    let Some(container) = image(HOOKS) else {
        return;
    };
    for (words, code, stdout) in [
        (
            &["run"][..],
            5,
            "from the script\ndeploying made\nrunning made /libexec /opt/app-root/src\n",
        ),
        (&["ready"], 0, "is ready made\n"),
        (&["alive"], 0, ""),
        (&["jobs", "nightly"], 3, "old job\njob made\n"),
    ] {
        let outcome = init(&container, SOURCE, words);
        assert_eq!(
            (outcome.code, outcome.stdout.as_str()),
            (Some(code), stdout),
            "{words:?} {}",
            outcome.stderr
        );
    }
}

#[test]
fn an_application_is_assembled() {
    let Some(container) = image(&[
        ("tmp/src/app.py", "=print()\n"),
        (
            "tmp/src/.s2i/action_hooks/pre_build",
            "echo before ${A-none}; ls /tmp/src",
        ),
        ("tmp/src/.s2i/action_hooks/build_env", "=A=built\n"),
        ("tmp/src/.s2i/action_hooks/build", "echo after $A; ls"),
    ]) else {
        return;
    };
    let outcome = init(&container, SOURCE, &["--compat", "powershift", "assemble"]);
    let hooks = format!("{SOURCE}/.s2i/action_hooks");
    let expected = format!(
        " -----> Running application assemble script.\n -----> Running {hooks}/pre_build\nbefore none\napp.py\n \
         -----> Running {hooks}/build_env\n -----> Running builder assemble script (/libexec/assemble)\n\
         assembled in {SOURCE} with built\n -----> Running {hooks}/build\nafter built\napp.py\nfixed {SOURCE}\n"
    );
    assert_eq!(
        (outcome.code, outcome.stdout),
        (Some(0), expected),
        "{}",
        outcome.stderr
    );
}

#[test]
fn the_run_hook_replaces_the_script() {
    let Some(container) = image(&[(
        "opt/app-root/src/.s2i/action_hooks/run",
        "echo mine $PPID; exit 6",
    )]) else {
        return;
    };
    let outcome = init(&container, SOURCE, &["run"]);
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (Some(6), "mine 1\n"),
        "{outcome:?}"
    );
}
