//! What is asked of environments that run.

use axum::Router;
use axum::http::Method;
use axum::response::AppendHeaders;
use boatyard_preview::phase::{Event, Phase};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::yard::{HOST, LIMIT, Yard, head, host, id};

async fn running(yard: &Yard, branch: &str) {
    yard.asleep(&[branch]).await;
    yard.keeper
        .ask(&id("shop", branch), Event::Use, "anne")
        .await
        .unwrap();
    yard.until(&id("shop", branch), Phase::Running).await;
}

#[tokio::test]
async fn requests_go_through_and_answers_come_back() {
    let yard = Yard::new().await;
    running(&yard, "main").await;
    let host = host("shop", "main");
    let headers = [
        "x-mine: 1",
        "x-forwarded-for: 6.6.6.6",
        "connection: x-hop",
        "x-hop: 1",
        "te: trailers",
    ];
    let reply = yard
        .ask(Method::PUT, &host, "/a%2Fb/../c?q=%20x", &headers, "five!")
        .await;
    assert_eq!(reply.status, 418, "{}", reply.text);
    assert_eq!(reply.header("x-app"), "yes");
    assert_eq!(reply.header("x-between"), "", "between neighbours");
    assert_eq!(
        reply.header("content-security-policy"),
        "mine",
        "it is the application's"
    );
    let told = reply.json();
    assert_eq!(told["method"], "PUT");
    assert_eq!(told["uri"], "/a%2Fb/../c?q=%20x");
    assert_eq!(told["bytes"], 5);
    let sent = &told["headers"];
    assert_eq!(sent["host"], host, "as it was asked for");
    assert_eq!(sent["x-mine"], "1");
    assert_eq!(sent["x-forwarded-for"], "127.0.0.1", "nobody is believed");
    assert_eq!(sent["x-forwarded-proto"], "http");
    assert_eq!(sent["x-forwarded-host"], host);
    assert!(
        sent.get("x-hop").is_none() && sent.get("te").is_none(),
        "{sent}"
    );
    // The same under the name of the commit.
    let of_commit = format!("{}.{HOST}:8080", id("shop", "main"));
    assert_eq!(
        yard.ask(Method::GET, &of_commit, "/", &[], "").await.status,
        418
    );
}

/// Only the server itself says that nobody took something up, which is asked for again then.
#[tokio::test]
async fn an_application_does_not_speak_for_the_server() {
    let yard = Yard::new().await;
    running(&yard, "main").await;
    let host = host("shop", "main");
    let reply = yard.ask(Method::GET, &host, "/standby", &[], "").await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("boatyard-standby")),
        (200, "")
    );
}

/// Other environments, and the page of the server, are somebody else's.
#[tokio::test]
async fn an_application_sets_cookies_for_nobody_else() {
    let yard = Yard::new().await;
    running(&yard, "main").await;
    let own = host("shop", "main");
    let kept = format!("b=2; Domain={own}; Secure");
    let cookies = [
        ("set-cookie", format!("a=1; Domain={HOST}; Path=/")),
        ("set-cookie", kept.clone()),
        ("set-cookie", "c=3; HttpOnly".to_owned()),
    ];
    let router = Router::new().fallback(move || async move { AppendHeaders(cookies) });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    yard.backend
        .set_addresses([(id("shop", "main"), address)].into());
    let reply = yard.ask(Method::GET, &own, "/", &[], "").await;
    let set = reply.headers.get_all("set-cookie").into_iter();
    let set: Vec<&str> = set.map(|cookie| cookie.to_str().unwrap()).collect();
    assert_eq!(set, ["a=1; Path=/", kept.as_str(), "c=3; HttpOnly"]);
}

#[tokio::test]
async fn a_stream_comes_as_it_is_sent_and_counts_as_use() {
    let yard =
        Yard::with(|settings, _| settings.visitors.noted = std::time::Duration::from_millis(20))
            .await;
    running(&yard, "main").await;
    let mut stream = TcpStream::connect(yard.address).await.unwrap();
    let request = format!(
        "GET /drip HTTP/1.1\r\nhost: {}\r\n\r\n",
        host("shop", "main")
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    until(&mut stream, "first").await;
    used_again(&yard, "main").await;
}

/// Reads until that has come.
async fn until(stream: &mut TcpStream, text: &str) -> String {
    let mut all = String::new();
    let read = async {
        while !all.contains(text) {
            let mut piece = [0; 1024];
            let length = stream.read(&mut piece).await.unwrap();
            assert!(length > 0, "ended: {all}");
            all.push_str(&String::from_utf8_lossy(&piece[..length]));
        }
    };
    tokio::time::timeout(LIMIT, read)
        .await
        .unwrap_or_else(|_| panic!("waited for {text}"));
    all
}

/// Waits until it is noted twice that it is used, without another request.
async fn used_again(yard: &Yard, branch: &str) {
    let used = || yard.get(&id("shop", branch)).unwrap().used;
    let wait = async {
        for _ in 0..2 {
            let before = used();
            while used() == before {
                tokio::task::yield_now().await;
            }
        }
    };
    tokio::time::timeout(LIMIT, wait)
        .await
        .expect("waited for its use to be noted");
}

#[tokio::test]
async fn a_connection_that_becomes_something_else_goes_both_ways_and_counts_as_use() {
    let yard =
        Yard::with(|settings, _| settings.visitors.noted = std::time::Duration::from_millis(20))
            .await;
    yard.asleep(&["main"]).await;
    let mut stream = TcpStream::connect(yard.address).await.unwrap();
    let request = format!(
        "GET /upgrade HTTP/1.1\r\nhost: {}\r\nconnection: keep-alive, Upgrade\r\nupgrade: echo\r\n\r\n",
        host("shop", "main")
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    // It was asleep: whoever waits is no browser's page, and is held.
    let head = until(&mut stream, "\r\n\r\n").await;
    assert!(
        head.starts_with("HTTP/1.1 101") && head.contains("upgrade: echo"),
        "{head}"
    );
    for word in ["there", "and back"] {
        stream.write_all(word.as_bytes()).await.unwrap();
        until(&mut stream, word).await;
    }
    used_again(&yard, "main").await;
    let reply = yard
        .ask(Method::GET, &host("shop", "main"), "/upgrade", &[], "")
        .await;
    assert_eq!(reply.status, 400, "nothing was asked to become anything");
}

#[tokio::test]
async fn what_does_not_answer_is_told() {
    let yard = Yard::new().await;
    running(&yard, "main").await;
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    yard.backend
        .set_addresses([(id("shop", "main"), address)].into());
    yard.shown("main", "/", &[])
        .await
        .is_problem(502, "does not answer");
}

#[tokio::test]
async fn a_label_shows_the_newest_that_is_good() {
    let yard = Yard::new().await;
    let nothing = yard.shown("main", "/", &[]).await;
    assert_eq!(nothing.status, 404);
    assert!(
        nothing.text.contains("There is no such environment"),
        "{}",
        nothing.text
    );
    running(&yard, "main").await;
    yard.backend.fail("of no use");
    let boatyard_preview::news::News::Head {
        place,
        mut head,
        about,
    } = head("shop", "main")
    else {
        unreachable!("it is a head")
    };
    head.commit = "f".repeat(40);
    yard.hear(vec![boatyard_preview::news::News::Head {
        place: place.clone(),
        head: head.clone(),
        about,
    }])
    .await;
    let revision = boatyard_preview::revision::Revision {
        place,
        commit: head.commit,
    };
    let newest = boatyard_preview::id::Id::of(&revision, "");
    yard.until(&newest, Phase::Failed).await;
    assert_eq!(
        yard.shown("main", "/", &[]).await.status,
        418,
        "the one before still answers"
    );
    let of_commit = format!("{newest}.{HOST}");
    let html = ["accept: text/html"];
    let page = yard.ask(Method::GET, &of_commit, "/", &html, "").await;
    assert_eq!(page.status, 503);
    assert!(page.text.contains("of no use"), "{}", page.text);
}
