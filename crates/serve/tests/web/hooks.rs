//! What forges send: signed as they do it, to the forges of a configuration.

use boatyard_plan::digest::Digest;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::Method;
use boatyard_preview::forge::sign;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::yard::{HOST, LIMIT, Yard, id, revision};

/// A push as our own payload, and the headers that sign it.
pub fn push(branch: &str, secret: &str) -> (String, [String; 3]) {
    let commit = revision("shop", branch).commit;
    let body = json!({ "repository": "acme/shop", "branch": branch, "commit": commit }).to_string();
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let signature = sign(secret.as_bytes(), format!("{seconds}.{body}").as_bytes());
    let headers = [
        "content-type: application/json".to_owned(),
        format!("x-boatyard-timestamp: {seconds}"),
        format!("x-boatyard-signature: {signature}"),
    ];
    (body, headers)
}

#[tokio::test]
async fn what_becomes_of_a_delivery() {
    let yard = Yard::with(|settings, _| settings.hook_bytes = 1000).await;
    let send = async |path: &str, host: &str, body: &str, headers: &[String]| {
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        yard.ask(Method::POST, host, path, &headers, body).await
    };
    let (body, headers) = push("main", "secret of test");
    // Forges ask by whatever name the hook was given with.
    for (host, expected) in [(HOST, 202), ("hooks.elsewhere.test", 200), (HOST, 200)] {
        let reply = send("/hooks/test", host, &body, &headers).await;
        assert_eq!(reply.status, expected, "{}", reply.text);
    }
    assert!(yard.get(&id("shop", "main")).is_some());
    let marked = std::mem::take(&mut *yard.marked.lock().unwrap());
    assert_eq!(
        marked, ["git.test/acme/shop"; 3],
        "each time: payloads may be late"
    );

    let (other, of_other) = push("other", "secret of test");
    let (_, forged) = push("other", "a guess");
    send("/hooks/test", HOST, &other, &[])
        .await
        .is_problem(401, "not signed");
    send("/hooks/test", HOST, &other, &forged)
        .await
        .is_problem(401, "signature is wrong");
    send("/hooks/test", HOST, &other, &headers)
        .await
        .is_problem(401, "signature is wrong");
    send("/hooks/nothing", HOST, &other, &of_other)
        .await
        .is_problem(404, "no forge");
    let long = send("/hooks/test", HOST, &"x".repeat(1001), &of_other).await;
    assert_eq!(long.status, 413);
    let (rubbish, seconds) = ("rubbish", of_other[1].rsplit_once(' ').unwrap().1);
    let signature = sign(b"secret of test", format!("{seconds}.{rubbish}").as_bytes());
    let signed = [
        of_other[0].clone(),
        of_other[1].clone(),
        format!("x-boatyard-signature: {signature}"),
    ];
    send("/hooks/test", HOST, rubbish, &signed)
        .await
        .is_problem(400, "not understood");
    assert!(yard.get(&id("shop", "other")).is_none());
    assert!(yard.marked.lock().unwrap().is_empty());
    yard.own("/hooks/test", &[]).await.is_problem(405, "method");
}

#[tokio::test]
async fn fifty_copies_of_a_delivery_of_github() {
    let yard = Yard::new().await;
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let body = json!({
        "ref": "refs/heads/feature/x",
        "after": commit,
        "head_commit": { "id": commit, "message": "More" },
        "repository": { "full_name": "acme/shop", "default_branch": "main", "fork": false },
        "sender": { "login": "anne" },
    })
    .to_string();
    let signature = format!(
        "x-hub-signature-256: sha256={}",
        sign(b"secret of hub", body.as_bytes())
    );
    let headers = [
        "content-type: application/json",
        "x-github-event: push",
        "x-github-delivery: 1-2-3",
        &signature,
    ];
    let copies = (0..50).map(|_| yard.ask(Method::POST, HOST, "/hooks/hub", &headers, &body));
    let replies = futures_util::future::join_all(copies).await;
    let new = replies.iter().filter(|reply| reply.status == 202).count();
    let known = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!((new, known), (1, 49));
    let marked = yard.marked.lock().unwrap().clone();
    assert!(
        marked.iter().all(|one| one == "hub.test/acme/shop") && marked.len() == 50,
        "{marked:?}"
    );
    assert_eq!(*yard.warned.lock().unwrap(), Vec::<String>::new());

    // Something else under the same number is heard, once, and told with both digests: the secret says that it is as good.
    let other = body.replace("More", "Another");
    let signature = format!(
        "x-hub-signature-256: sha256={}",
        sign(b"secret of hub", other.as_bytes())
    );
    let headers = [headers[0], headers[1], headers[2], &signature];
    let mut statuses = Vec::new();
    for _ in 0..2 {
        let reply = yard.ask(Method::POST, HOST, "/hooks/hub", &headers, &other);
        statuses.push(reply.await.status);
    }
    assert_eq!(statuses, [202, 200]);
    let warned = yard.warned.lock().unwrap().clone();
    let [warning] = warned.as_slice() else {
        panic!("{warned:?}");
    };
    for part in [
        "under the number",
        "1-2-3",
        Digest::of(body.as_bytes()).hex(),
        Digest::of(other.as_bytes()).hex(),
    ] {
        assert!(warning.contains(part), "{part}: {warning}");
    }
}

/// Sends the head of a hook, which promises a thousand bytes, and none of them.
async fn promise(yard: &Yard, path: &str, more: &str) -> TcpStream {
    let mut stream = TcpStream::connect(yard.address).await.unwrap();
    let head =
        format!("POST {path} HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: 1000\r\n{more}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// What looks signed, before anything is compared.
const SIGNED: &str = "x-boatyard-timestamp: 1\r\nx-boatyard-signature: 1\r\n";

#[tokio::test]
async fn what_cannot_be_right_is_refused_before_it_comes() {
    let yard = Yard::new().await;
    for (path, more, expected) in [
        ("/hooks/nothing", SIGNED, "HTTP/1.1 404 Not Found"),
        ("/hooks/test", "", "HTTP/1.1 401 Unauthorized"),
        (
            "/hooks/test",
            "x-boatyard-timestamp: 1\r\n",
            "HTTP/1.1 401 Unauthorized",
        ),
        ("/webhooks/github", "", "HTTP/1.1 401 Unauthorized"),
    ] {
        let mut stream = BufReader::new(promise(&yard, path, more).await);
        let mut line = String::new();
        let read = tokio::time::timeout(LIMIT, stream.read_line(&mut line)).await;
        read.expect("waited for an answer").unwrap();
        assert_eq!(line.trim_end(), expected, "{path} {more}");
    }
}

#[tokio::test]
async fn who_promises_much_and_sends_nothing_keeps_nobody_out() {
    let yard = Yard::with(|settings, _| settings.hook_bytes = 1000).await;
    let mut promised = Vec::new();
    for _ in 0..50 {
        promised.push(promise(&yard, "/hooks/test", SIGNED).await);
    }
    let (body, headers) = push("main", "secret of test");
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let heard = yard.ask(Method::POST, HOST, "/hooks/test", &headers, &body);
    assert_eq!(heard.await.status, 202);
}
