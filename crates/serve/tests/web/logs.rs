//! What environments print.

use boatyard_preview::phase::{Effect, Event, Phase};
use boatyard_serve::logs::Part;

use super::events::Reader;
use super::yard::{HOST, Yard, id};

#[tokio::test]
async fn logs_are_read_followed_and_kept() {
    let yard = Yard::new().await;
    yard.asleep(&["main"]).await;
    let main = id("shop", "main");
    yard.logs.append_at(&main, Part::Prepare, 0, "built");
    yard.logs
        .append_at(&main, Part::Run, 1000, "\u{1b}[31mlistens\u{1b}[0m <b>");
    let path = format!("/api/environments/{main}/log");
    let run = yard.own(&path, &[]).await.json();
    assert_eq!(run["lines"][0]["text"], "\u{1b}[31mlistens\u{1b}[0m <b>");
    assert_eq!(run["lines"][0]["at"], "1970-01-01T00:00:01Z");
    let prepare = yard.own(&format!("{path}?part=prepare"), &[]).await.json();
    assert_eq!(prepare["lines"][0]["text"], "built");
    let rest = yard
        .own(&format!("{path}?from={}", run["next"]), &[])
        .await
        .json();
    assert_eq!(rest["lines"], serde_json::json!([]));
    yard.own(&format!("{path}?part=all"), &[])
        .await
        .is_problem(400, "prepare or run");

    let page = yard.own(&format!("/environments/{main}"), &[]).await;
    assert!(page.text.contains("listens &lt;b&gt;"), "{}", page.text);
    let events = format!("{path}/events?from={}", run["next"]);
    let mut reader = Reader::open(yard.address, HOST, &events, "").await;
    yard.logs.append(&main, Part::Run, "one more");
    let sent = reader.next().await;
    assert_eq!(
        (sent.event.as_str(), &sent.data["lines"][0]["text"]),
        ("lines", &"one more".into())
    );
    let seen = format!("last-event-id: {}\r\n", sent.id);
    let mut again = Reader::open(yard.address, HOST, &events, &seen).await;
    yard.logs.append(&main, Part::Run, "the last");
    assert_eq!(again.next().await.data["lines"][0]["text"], "the last");

    // Who waits sees the last line.
    yard.backend.hold(Effect::Start);
    let waiting = yard.shown("main", "/", &["accept: text/html"]).await;
    assert!(waiting.text.contains("the last"), "{}", waiting.text);
    yard.keeper.ask(&main, Event::Remove, "anne").await.unwrap();
    while yard
        .get(&main)
        .is_some_and(|one| one.phase == Phase::Removing)
    {
        tokio::task::yield_now().await;
    }
    let kept = yard.own(&format!("{path}?part=prepare"), &[]).await.json();
    assert_eq!(kept["lines"][0]["text"], "built", "kept after it is gone");
    let made_up = id("shop", "never was");
    yard.own(&format!("/api/environments/{made_up}/log/events"), &[])
        .await
        .is_problem(404, "no such environment");
    let blog = yard.own(&path, &["authorization: Bearer blog-token"]).await;
    blog.is_problem(404, "no such environment");
}
