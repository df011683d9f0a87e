//! A private remote over HTTP: a server on loopback, made up, that speaks Git's oldest protocol (gitprotocol-http, "dumb").

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use super::mock::commit;
use super::yard::{Yard, map};

/// Base64 of "oauth2:a token".
const EXPECTED: &str = "Basic b2F1dGgyOmEgdG9rZW4=";

/// Paths, and whether they were asked for with the token.
type Asked = Arc<Mutex<Vec<(String, bool)>>>;

/// A remote with one branch, for whoever has the token; answers with its URL and what it was asked.
fn remote() -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let reader = BufReader::new(stream.try_clone().unwrap());
            let lines: Vec<String> = reader
                .lines()
                .map_while(Result::ok)
                .take_while(|line| !line.is_empty())
                .collect();
            let path = lines[0].split(' ').nth(1).unwrap().to_owned();
            let is_known = lines.iter().any(|line| {
                let (name, value) = line.split_once(": ").unwrap_or((line, ""));
                name.eq_ignore_ascii_case("authorization") && value == EXPECTED
            });
            let (status, body) = match path.as_str() {
                _ if !is_known => ("401 Unauthorized", String::new()),
                path if path.contains("/info/refs") => {
                    ("200 OK", format!("{}\trefs/heads/main\n", commit('1')))
                }
                path if path.ends_with("/HEAD") => ("200 OK", "ref: refs/heads/main\n".to_owned()),
                _ => ("404 Not Found", String::new()),
            };
            notes.lock().unwrap().push((path, is_known));
            let head = "Connection: close\r\nContent-Type: text/plain\r\nWWW-Authenticate: Basic realm=\"x\"";
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\n{head}\r\nContent-Length: {length}\r\n\r\n{body}"
            );
        }
    });
    (url, asked)
}

fn text(url: &str, token: &str) -> String {
    format!(
        "[forge.local]\nkind = \"git\"\nurl = \"{url}\"\npoll = \"1h\"\n{token}[[repository]]\nname = \"shop.git\"\n\
         branches = \"main\"\n"
    )
}

/// With the token it is listed; without it nobody is asked for a password, and the trouble is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_the_token_gets_in() {
    let (url, asked) = remote();
    let mut yard = Yard::new(&text(&url, "token = { value = \"a token\" }\n"));
    yard.until("the first list", |state| state.lists > 0).await;
    assert_eq!(yard.open(), map("main=1"));
    let all = asked.lock().unwrap().clone();
    assert!(all.iter().all(|(_, is_known)| *is_known), "{all:?}");
    assert!(
        all.iter().all(|(path, _)| path.starts_with("/shop.git/")),
        "{all:?}"
    );

    let mut yard = Yard::new(&text(&url, ""));
    let state = yard.until("trouble", |state| state.trouble.is_some()).await;
    let trouble = state.trouble.unwrap();
    assert!(trouble.contains("git cannot list"), "{trouble}");
    assert!(yard.open().is_empty());
}
