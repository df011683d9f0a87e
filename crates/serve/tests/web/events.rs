//! Streams of what changes.

use std::net::SocketAddr;
use std::time::Duration;

use boatyard_preview::phase::{Event, Phase};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::yard::{HOST, LIMIT, Yard, head, host, id};

/// Somebody who reads a stream.
pub struct Reader(BufReader<TcpStream>);

#[derive(Debug, Default)]
pub struct Sent {
    pub id: u64,
    pub event: String,
    pub data: Value,
}

impl Reader {
    pub async fn open(address: SocketAddr, host: &str, path: &str, more: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{more}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut reader = Self(BufReader::new(stream));
        assert_eq!(reader.line().await, "HTTP/1.1 200 OK");
        while !reader.line().await.is_empty() {}
        reader
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = tokio::time::timeout(LIMIT, self.0.read_line(&mut line)).await;
        assert!(
            read.expect("waited for an event").unwrap() > 0,
            "the stream ended"
        );
        line.trim_end().to_owned()
    }

    /// The next event; lengths of chunks and signs of life are passed over.
    pub async fn next(&mut self) -> Sent {
        let mut sent = Sent::default();
        loop {
            let line = self.line().await;
            match line.split_once(": ") {
                Some(("id", id)) => sent.id = id.parse().unwrap(),
                Some(("event", event)) => event.clone_into(&mut sent.event),
                Some(("data", data)) => sent.data = serde_json::from_str(data).unwrap(),
                _ if line.is_empty() && !sent.data.is_null() => return sent,
                _ => {}
            }
        }
    }
}

/// Phases of an environment as they are sent, up to and with `last`.
async fn phases(reader: &mut Reader, last: &str) -> Vec<(u64, String)> {
    let mut phases = Vec::new();
    for _ in 0..100 {
        let sent = reader.next().await;
        assert_eq!(sent.event, "change");
        let phase = sent.data["environment"]["phase"]
            .as_str()
            .unwrap_or("gone")
            .to_owned();
        phases.push((sent.id, phase.clone()));
        if phase == last {
            break;
        }
    }
    phases
}

fn words(phases: &[(u64, String)]) -> String {
    phases
        .iter()
        .map(|(_, phase)| phase.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

#[tokio::test]
async fn who_was_away_goes_on_where_it_was() {
    let yard = Yard::new().await;
    let list = yard.own("/api/environments", &[]).await.json();
    let path = format!("/api/events?since={}", list["last"]);
    let mut reader = Reader::open(yard.address, HOST, &path, "").await;
    yard.asleep(&["main"]).await;
    let first = phases(&mut reader, "asleep").await;
    assert_eq!(words(&first), "queued preparing asleep");
    drop(reader);
    let main = id("shop", "main");
    yard.keeper.ask(&main, Event::Use, "anne").await.unwrap();
    yard.until(&main, Phase::Running).await;
    // Whoever comes back says what it has seen; a browser does so in this header, whatever stands in the address.
    let seen = format!("last-event-id: {}\r\n", first[1].0);
    let mut reader = Reader::open(yard.address, HOST, &path, &seen).await;
    let rest = phases(&mut reader, "running").await;
    let numbers: Vec<u64> = rest.iter().map(|(number, _)| *number).collect();
    assert_eq!(words(&rest), "asleep asleep starting running");
    assert!(
        numbers.is_sorted_by(|a, b| a < b) && numbers[0] == first[1].0 + 1,
        "{numbers:?}"
    );
    yard.keeper.ask(&main, Event::Remove, "anne").await.unwrap();
    let gone = phases(&mut reader, "gone").await;
    assert_eq!(words(&gone), "removing gone");
}

#[tokio::test]
async fn who_missed_something_is_told() {
    let yard = Yard::new().await;
    yard.asleep(&["main"]).await;
    for seen in ["99999", "18446744073709551615"] {
        let more = format!("last-event-id: {seen}\r\n");
        let mut reader = Reader::open(yard.address, HOST, "/api/events", &more).await;
        let sent = reader.next().await;
        assert_eq!(sent.event, "resync");
        assert_eq!(sent.data["last"], yard.keeper.feed().last());
        assert_eq!(sent.id, yard.keeper.feed().last());
    }
}

/// Who may read is asked again now and then. Whoever then asks again himself misses nothing, also if he was told nothing so far.
#[tokio::test]
async fn a_stream_ends_and_says_from_where_it_goes_on() {
    let brief = Duration::from_millis(50);
    let yard = Yard::with(|settings, _| settings.stream_lasts = brief).await;
    yard.asleep(&["main"]).await;
    let last = yard.keeper.feed().last();
    for path in ["/api/events", "/live?text=nothing"] {
        let ended = yard.own(path, &[]).await;
        assert_eq!(ended.text, format!("id: {last}\n\n"), "{path}");
    }
    let pin = Event::Pin(true);
    yard.keeper
        .ask(&id("shop", "main"), pin, "anne")
        .await
        .unwrap();
    let seen = format!("last-event-id: {last}");
    let (next, mut text) = (format!("\nid: {}\n", last + 1), String::new());
    // On a machine that is busy, one may be over before it began.
    for _ in 0..1000 {
        text = format!("\n{}", yard.own("/api/events", &[&seen]).await.text);
        if text.contains("event: change") {
            break;
        }
    }
    assert!(text.contains(&next), "{text}");
}

#[tokio::test]
async fn everybody_is_told_what_he_asked_for_and_may_see() {
    let yard = Yard::with(|settings, _| settings.streams = 3).await;
    let blog = "authorization: Bearer blog-token\r\n";
    let mut of_blog = Reader::open(yard.address, HOST, "/api/events", blog).await;
    let path = "/api/events?repository=ACME/blog";
    let mut filtered = Reader::open(yard.address, HOST, path, "").await;
    let path = format!("/api/events?environment={}", id("shop", "main"));
    let mut one = Reader::open(yard.address, HOST, &path, "").await;
    yard.own("/api/events", &[])
        .await
        .is_problem(503, "too many streams");
    yard.hear(vec![head("shop", "main"), head("blog", "main")])
        .await;
    yard.until(&id("blog", "main"), Phase::Asleep).await;
    for (reader, expected) in [
        (&mut of_blog, "blog"),
        (&mut filtered, "blog"),
        (&mut one, "shop"),
    ] {
        let sent = reader.next().await;
        let name = sent.data["environment"]["repository"]["name"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(name, format!("acme/{expected}"));
    }
}

#[tokio::test]
async fn a_reader_that_reads_nothing_holds_nobody_up() {
    let yard = Yard::new().await;
    let mut stalled = Vec::new();
    for _ in 0..10 {
        let mut stream = TcpStream::connect(yard.address).await.unwrap();
        let request = format!("GET /api/events?since=0 HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        stalled.push(stream);
    }
    let mut reader = Reader::open(yard.address, HOST, "/api/events?since=0", "").await;
    yard.asleep(&["main"]).await;
    let main = id("shop", "main");
    // More than what fits into the buffers of a connection.
    for turn in 0..500 {
        yard.keeper
            .ask(&main, Event::Pin(turn % 2 == 0), "anne")
            .await
            .unwrap();
    }
    let last = yard.keeper.feed().last();
    for number in 1..=last {
        assert_eq!(reader.next().await.id, number);
    }
}

#[tokio::test]
async fn the_page_is_told_what_is_different_on_it() {
    let yard = Yard::new().await;
    yard.asleep(&["main"]).await;
    let (main, number) = (id("shop", "main"), yard.keeper.feed().last());
    let since = |query: &str| format!("/live?{query}&since={number}");
    let mut rows = Reader::open(yard.address, HOST, &since("text=main"), "").await;
    let mut one = Reader::open(
        yard.address,
        HOST,
        &since(&format!("environment={main}")),
        "",
    )
    .await;
    let mut other = Reader::open(yard.address, HOST, &since("phase=failed"), "").await;
    let mut queue = Reader::open(yard.address, HOST, &since("view=queue"), "").await;
    yard.keeper
        .ask(&main, Event::Pin(true), "anne")
        .await
        .unwrap();
    let row = rows.next().await;
    assert_eq!(
        (row.event.as_str(), &row.data["target"]),
        ("patch", &format!("env-{main}").into())
    );
    assert!(
        row.data["html"].as_str().unwrap().contains("pinned"),
        "{row:?}"
    );
    assert_eq!(
        other.next().await.data["html"],
        Value::Null,
        "it is not on that page"
    );
    let head = one.next().await;
    assert!(
        head.data["html"].as_str().unwrap().contains("it is pinned"),
        "{head:?}"
    );
    let line = one.next().await;
    assert_eq!(line.data["into"], "timeline");
    assert_eq!(queue.next().await.event, "stale");
    // What browsers have while they wait.
    let path = "/.boatyard/events";
    let mut waiting = Reader::open(yard.address, &host("shop", "main"), path, "").await;
    assert_eq!(waiting.next().await.data["is_over"], false);
    yard.keeper.ask(&main, Event::Use, "anne").await.unwrap();
    for _ in 0..10 {
        let state = waiting.next().await;
        if state.data["is_over"] == true {
            return;
        }
        let html = state.data["html"].as_str().unwrap();
        assert!(html.contains("starts"), "{html}");
    }
    panic!("it was never over");
}
