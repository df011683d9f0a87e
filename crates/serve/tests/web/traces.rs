//! What is told to a collector of traces: a small one, that keeps what it is sent.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::Method;
use axum::routing::post;
use axum::{Json, Router};
use boatyard_preview::phase::{Event, Phase};
use boatyard_serve::trace::Traces;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::hooks::push;
use super::yard::{HOST, LIMIT, Yard, id};

/// What was sent, and that more was.
type Kept = Arc<(Mutex<Vec<Value>>, Notify)>;

async fn collector() -> (String, Kept) {
    let kept = Kept::default();
    let take = async |State(kept): State<Kept>, Json(body): Json<Value>| {
        let resource = &body["resourceSpans"][0];
        let name = &resource["resource"]["attributes"][0];
        assert_eq!(
            *name,
            json!({ "key": "service.name", "value": { "stringValue": "boatyard" } })
        );
        let spans = resource["scopeSpans"][0]["spans"]
            .as_array()
            .unwrap()
            .clone();
        kept.0.lock().unwrap().extend(spans);
        kept.1.notify_one();
        Json(json!({}))
    };
    let router = Router::new()
        .route("/v1/traces", post(take))
        .with_state(Arc::clone(&kept));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}"), kept)
}

/// Waits for so many spans.
async fn spans(kept: &Kept, count: usize) -> Vec<Value> {
    let wait = async {
        loop {
            let found = kept.0.lock().unwrap().clone();
            if found.len() >= count {
                return found;
            }
            kept.1.notified().await;
        }
    };
    let waited = tokio::time::timeout(LIMIT, wait).await;
    waited.unwrap_or_else(|_| panic!("waited for {count} spans: {:?}", kept.0.lock().unwrap()))
}

#[tokio::test]
async fn from_a_hook_to_what_runs_is_one_trace() {
    let (address, kept) = collector().await;
    let yard = Yard::with(|settings, policy| {
        settings.traces = Traces::to(&address).unwrap();
        policy.times.back_off = Duration::from_secs(3600);
    })
    .await;
    let (body, headers) = push("main", "secret of test");
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let heard = yard
        .ask(Method::POST, HOST, "/hooks/test", &headers, &body)
        .await;
    assert_eq!(heard.status, 202, "{}", heard.text);
    let main = id("shop", "main");
    yard.until(&main, Phase::Asleep).await;
    yard.keeper.ask(&main, Event::Use, "anne").await.unwrap();
    yard.until(&main, Phase::Running).await;
    let found = spans(&kept, 5).await;
    let by_name: BTreeMap<&str, &Value> = found
        .iter()
        .map(|span| (span["name"].as_str().unwrap(), span))
        .collect();
    let names: Vec<&str> = by_name.keys().copied().collect();
    assert_eq!(names, ["hook", "prepare", "queued", "revision", "start"]);
    let root = by_name["revision"];
    assert_eq!(root["traceId"].as_str().unwrap().len(), 32);
    assert_eq!(root["spanId"].as_str().unwrap().len(), 16);
    assert!(root.get("parentSpanId").is_none());
    let time = |name: &str, which: &str| -> u128 {
        by_name[name][which].as_str().unwrap().parse().unwrap()
    };
    for (name, span) in &by_name {
        assert_eq!(span["traceId"], root["traceId"], "{name}");
        if *name != "revision" {
            assert_eq!(span["parentSpanId"], root["spanId"], "{name}");
        }
        let environment = &span["attributes"][0]["value"]["stringValue"];
        assert_eq!(environment, main.as_str(), "{name}");
        assert!(
            time(name, "startTimeUnixNano") <= time(name, "endTimeUnixNano"),
            "{name}"
        );
    }
    assert_eq!(
        time("queued", "endTimeUnixNano"),
        time("prepare", "startTimeUnixNano")
    );
    assert_eq!(
        time("prepare", "endTimeUnixNano"),
        time("revision", "endTimeUnixNano")
    );

    // What fails says so.
    yard.backend.fail("pip found no version");
    yard.hear(vec![super::yard::head("shop", "other")]).await;
    yard.until(&id("shop", "other"), Phase::Failed).await;
    let found = spans(&kept, 8).await;
    let wrong = json!({ "code": 2, "message": "pip found no version" });
    let failed = found.iter().filter(|span| span["status"] == wrong);
    let names: Vec<&Value> = failed.map(|span| &span["name"]).collect();
    assert_eq!(names, ["prepare", "revision"]);
}

/// A collector that is not there is nobody's trouble.
#[tokio::test]
async fn nobody_waits_for_a_collector() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let yard = Yard::with(|settings, _| settings.traces = Traces::to(&address).unwrap()).await;
    yard.asleep(&["main", "other"]).await;
    assert_eq!(yard.own("/readyz", &[]).await.text, "ok\n");
}
