//! `boatyard serve` as whoever runs it meets it: the real command, a repository whose commits cannot be prepared, so that
//! nothing is built.

#[path = "../boatyard/mod.rs"]
mod boatyard;
mod server;

use std::os::unix::fs::PermissionsExt as _;

use server::{Server, World};

#[test]
fn the_operator_needs_no_token_here() {
    let Some(world) = World::new() else { return };
    let said = world.preview(&["ls"]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("none runs here"), "{}", said.err);

    let mut server = Server::start(&world, &["--repository", "shop"]);
    let id = server.phase("failed")["id"].as_str().unwrap().to_owned();
    let listed = world.preview(&["ls"]);
    assert!(listed.out.contains(&id), "{}{}", listed.out, listed.err);
    let said = world.preview(&["undeploy", &id]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let shown = world.preview(&["show", &id]);
    assert!(shown.out.contains("(operator)"), "{}", shown.out);
    // Who does not have the file is anybody.
    let server_here = format!("http://{}", server.address());
    let said = world.preview(&["reset", &id, "--server", &server_here]);
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("401"), "{}", said.err);

    let file = world.boatyard.home().join("serve/operator.json");
    let mode = file.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    server.end();
    assert!(!file.exists(), "the token goes with the server");
}

#[test]
fn at_a_terminal_the_operator_is_told_where_to_log_in() {
    let Some(world) = World::new() else { return };
    let mut server = Server::at_a_terminal(&world, &["--repository", "shop"]);
    let line = server.line("where to log in", |line| line.starts_with("log in as "));
    let (_, url) = line.split_once(": ").unwrap();
    let (host, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    assert!(host.starts_with("preview.localhost:"), "{line}");
    let answer = server.ask("GET", &format!("/{path}"), "");
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    let cookie = answer
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "));
    let cookie = cookie.unwrap().split(';').next().unwrap();
    let page = server.ask("GET", "/", &format!("Cookie: {cookie}\r\n"));
    assert!(page.contains("operator"), "{page}");
    let other = server.ask("GET", "/login?token=other", "");
    assert!(other.starts_with("HTTP/1.1 401"), "{other}");
    server.end();
}

/// It is read again when it is written and when somebody says so; what is wrong is told with its place, and changes nothing.
#[test]
fn the_configuration_is_read_again() {
    let Some(world) = World::new() else { return };
    world.configure("idle = \"1h\"");
    let mut server = Server::start(&world, &["--config", "serve.toml"]);
    let failed = server.phase("failed");

    world.configure("idle = \"1h\"\nnoted = \"2h\"\nresidnce = \"1m\"");
    let message = server.told("warning", "stays as it is");
    for expected in [
        "the configuration stays as it is: ",
        "serve.toml:5:9: use is noted more seldom",
        "serve.toml:6:1: unknown key \"residnce\" in [times] (did you mean \"residence\"?)",
    ] {
        assert!(message.contains(expected), "{expected} in {message}");
    }
    assert!(world.preview(&["ls"]).out.contains("failed"));

    // What is not watched any more is taken away; where it listens stays.
    world.write("127.0.0.1:1", "other", "");
    server.told(
        "warning",
        &format!("it listens at {} until", server.address()),
    );
    server.wait("it to be gone", |said| {
        said["id"] == failed["id"] && said["event"] == "changed" && said["environment"].is_null()
    });
    // There is no such repository; that is said once, and that there is one.
    server.told("warning", "git cannot list");
    for is_there in [false, true] {
        if is_there {
            std::fs::rename(world.folder("shop"), world.folder("other")).unwrap();
        }
        server.reload();
    }
    server.told("mended", "other is watched again");
    let again = server.heard("warning");
    let again = again.iter().any(|line| line.contains("cannot list"));
    assert!(!again, "once is enough");
    server.phase("failed");
    server.end();
}
