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
