//! The server ends within seconds, whatever is under way.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::yard::{HOST, LIMIT, Yard};

#[tokio::test]
async fn a_server_that_ends_leaves_nobody_hanging() {
    let mut yard = Yard::new().await;
    yard.asleep(&["main"]).await;
    // A stream, a connection that waits, and one that has sent half a request.
    let mut open = Vec::new();
    for begin in [
        format!("GET /api/events HTTP/1.1\r\nhost: {HOST}\r\n\r\n"),
        String::new(),
        "GET /".to_owned(),
    ] {
        let mut stream = TcpStream::connect(yard.address).await.unwrap();
        stream.write_all(begin.as_bytes()).await.unwrap();
        open.push(stream);
    }
    let mut begin = [0; 12];
    open[0].read_exact(&mut begin).await.unwrap();
    assert_eq!(&begin, b"HTTP/1.1 200");
    let before = Instant::now();
    yard.end();
    let server = yard.server.take().unwrap();
    tokio::time::timeout(LIMIT, server)
        .await
        .expect("waited for the end")
        .unwrap()
        .unwrap();
    assert!(
        before.elapsed() < Duration::from_secs(30),
        "{:?}",
        before.elapsed()
    );
    let mut rest = Vec::new();
    open[0].read_to_end(&mut rest).await.unwrap();
    assert!(rest.ends_with(b"0\r\n\r\n"), "the stream ended as a whole");
    assert!(TcpStream::connect(yard.address).await.is_err());
}

/// What reaches a server in the moment in which it ends is answered, and nothing after it.
#[tokio::test]
async fn who_asks_as_it_ends_is_answered() {
    let mut yard = Yard::new().await;
    let mut stream = TcpStream::connect(yard.address).await.unwrap();
    // It is taken in.
    yard.own("/healthz", &[]).await;
    yard.end();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let asked = format!("GET /healthz HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
    stream.write_all(asked.as_bytes()).await.unwrap();
    let mut said = Vec::new();
    stream.read_to_end(&mut said).await.unwrap();
    assert!(said.starts_with(b"HTTP/1.1 200"), "{said:?}");
}
