//! `config` from outside.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::container::{Container, Outcome, User, finish};

fn ask(container: &Container, variables: &[&str], words: &[&str]) -> Outcome {
    finish(container.command(
        User::Nobody,
        &[&["env"], variables, &["/init", "config"], words].concat(),
    ))
}

#[test]
fn layers_of_files() {
    let Some(container) = Container::new() else {
        return;
    };
    fs::create_dir_all(container.path("config/app/folder")).unwrap();
    for (name, text) in [
        (
            "10_base.ini",
            "[db]\nhost = localhost\npassword = hunter2\n",
        ),
        ("90_site.ini", "[db]\nhost = db.example.com\n"),
        ("..data", "not read"),
        ("more", "[db]\nhost = third\n"),
    ] {
        fs::write(container.path("config/app").join(name), text).unwrap();
    }
    fs::rename(
        container.path("config/app/more"),
        container.path("more.ini"),
    )
    .unwrap();
    let outcome = ask(&container, &[], &["dump", "--origin"]);
    assert_eq!(
        outcome.stdout,
        "[db]\n# /config/app/90_site.ini:2\nhost = db.example.com\n# /config/app/10_base.ini:3\npassword = ********\n"
    );
    assert!(
        outcome.stderr.contains("/config/app/folder is left out"),
        "{outcome:?}"
    );
    let variables = [
        "CONFIG_NAMESPACE=shop",
        "SHOP_CONFIG=/more.ini",
        "SHOP_DB_PASSWORD=x",
    ];
    assert_eq!(
        ask(&container, &variables, &["get", "db.host"]).stdout,
        "third\n"
    );
    assert_eq!(
        ask(&container, &variables, &["get", "db.password"]).stdout,
        "x\n"
    );
    let none = ask(&container, &[], &["get", "db.none"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(1), ""));
    assert_eq!(
        ask(&container, &[], &["check"]).code,
        Some(1),
        "the folder is a doubt"
    );
    assert_eq!(
        ask(&container, &[], &["--config", "/config/app/*.ini", "check"]).code,
        Some(0)
    );

    fs::create_dir(container.path("made")).unwrap();
    fs::set_permissions(container.path("made"), fs::Permissions::from_mode(0o777)).unwrap();
    fs::write(container.path("t.conf"), "host {{ db.host }};\n").unwrap();
    let outcome = ask(&container, &[], &["render", "/t.conf"]);
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (Some(0), "host db.example.com;\n")
    );
    let outcome = ask(
        &container,
        &[],
        &["render", "nginx.conf", "-o", "/made/nginx.conf"],
    );
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let made = fs::read_to_string(container.path("made/nginx.conf")).unwrap();
    assert!(made.contains("proxy_pass http://127.0.0.1:8000;"), "{made}");

    fs::write(container.path("config/app/50_bad.ini"), "[db]\nhost\n").unwrap();
    let outcome = ask(&container, &[], &["dump"]);
    assert_eq!(outcome.code, Some(78));
    assert!(
        outcome
            .stderr
            .contains("/config/app/50_bad.ini:2:1: this line is neither"),
        "{outcome:?}"
    );
    assert_eq!(ask(&container, &[], &["dmup"]).code, Some(64));
}
