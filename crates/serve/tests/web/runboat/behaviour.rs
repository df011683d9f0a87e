//! Events, hooks, triggers, and who may what.

use axum::http::Method;
use boatyard_preview::forge::sign;
use boatyard_preview::news::News;
use boatyard_preview::phase::{Event, Phase};
use boatyard_serve::logs::Part;
use serde_json::{Value, json};

use super::builds::{NAMES, full, id, plain, pushed, shown, yard};
use super::{ADMIN, OPERATE};
use crate::events::Reader;
use crate::yard::HOST;

#[tokio::test]
async fn events_tell_all_that_there_is_and_then_what_changes() {
    let yard = full().await;
    let mut reader = Reader::open(
        yard.address,
        HOST,
        "/api/v1/build-events?repo=ACME/shop",
        "",
    )
    .await;
    let mut order = Vec::new();
    for _ in NAMES {
        let mut sent = reader.next().await;
        assert_eq!((sent.event.as_str(), sent.id), ("", 0));
        plain(&mut sent.data);
        order.push(format!(
            "{} {} {}",
            sent.data["event"].as_str().unwrap(),
            sent.data["build"]["name"].as_str().unwrap(),
            sent.data["build"]["status"].as_str().unwrap()
        ));
    }
    assert_eq!(
        order,
        [
            "upd #7 failed",
            "upd #8 initializing",
            "upd #9 initializing",
            "upd 16.0 started",
            "upd main stopped"
        ]
    );
    let next = async |reader: &mut Reader| {
        let sent = reader.next().await;
        let build = &sent.data["build"];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let line = format!("{} {}", text(&sent.data["event"]), text(&build["status"]));
        (sent.id, text(&build["name"]), line)
    };
    yard.keeper
        .ask(&id("16.0"), Event::Stop, "anne")
        .await
        .unwrap();
    let (first, name, line) = next(&mut reader).await;
    assert_eq!(
        (name.as_str(), line.as_str()),
        (id("16.0").as_str(), "upd stopping")
    );
    assert_eq!(next(&mut reader).await.2, "upd stopped");
    // Who says what he has seen misses nothing and is told nothing twice.
    let seen = format!("last-event-id: {first}\r\n");
    let path = "/api/v1/build-events?target_branch=16.0";
    let mut again = Reader::open(yard.address, HOST, path, &seen).await;
    assert_eq!(next(&mut again).await.2, "upd stopped");
    let path = format!("/api/v1/build-events?build_name={}", id("#9"));
    let mut one = Reader::open(yard.address, HOST, &path, "").await;
    assert_eq!(next(&mut one).await.2, "upd initializing");
    // What never had anything is gone at once; what had is taken away first.
    for name in ["#9", "16.0"] {
        let place = shown(name).place;
        yard.hear(vec![News::Closed { place }]).await;
    }
    let (_, name, line) = next(&mut one).await;
    assert_eq!(
        (name.as_str(), line.as_str()),
        (id("#9").as_str(), "del undeploying")
    );
    assert_eq!(
        next(&mut again).await.2,
        "del undeploying",
        "#9, whose target nobody knows any more"
    );
    for expected in ["upd undeploying", "del undeploying"] {
        let (_, name, line) = next(&mut again).await;
        assert_eq!(
            (name.as_str(), line.as_str()),
            (id("16.0").as_str(), expected)
        );
    }
    yard.own("/api/v1/build-events?pr=x", &[]).await;
}

#[tokio::test]
async fn a_hook_of_github_makes_a_build_and_a_trigger_makes_it_anew() {
    let yard = yard().await;
    let commit = shown("main").commit;
    let body = json!({
        "ref": "refs/heads/main",
        "after": commit,
        "head_commit": { "id": commit, "message": "More" },
        "repository": { "full_name": "acme/shop", "default_branch": "main", "fork": false },
        "sender": { "login": "anne" },
    })
    .to_string();
    let send = async |secret: &[u8]| {
        let signature = format!(
            "x-hub-signature-256: sha256={}",
            sign(secret, body.as_bytes())
        );
        let headers = [
            "content-type: application/json",
            "x-github-event: push",
            &signature,
        ];
        yard.ask(
            Method::POST,
            "any.name.test",
            "/webhooks/github",
            &headers,
            &body,
        )
        .await
    };
    assert_eq!(send(b"a guess").await.status, 401);
    assert_eq!(yard.get(&id("main")), None);
    let heard = send(b"secret of hub").await;
    assert_eq!((heard.status.as_u16(), heard.text.as_str()), (200, "null"));
    yard.until(&id("main"), Phase::Asleep).await;

    let name = format!("/api/v1/builds/{}", id("main"));
    let undeployed = yard.ask(Method::DELETE, HOST, &name, &[OPERATE], "").await;
    assert_eq!(undeployed.text, "null");
    yard.until(&id("main"), Phase::Undeployed).await;
    assert_eq!(yard.own(&name, &[]).await.status, 404);
    let trigger = async |what: &str| {
        yard.post(&format!("/api/v1/builds/trigger/{what}"), &[OPERATE])
            .await
    };
    yard.marked.lock().unwrap().clear();
    assert_eq!(
        trigger("branch?repo=hub.test/Acme/shop&branch=main")
            .await
            .text,
        "null"
    );
    yard.until(&id("main"), Phase::Asleep).await;
    let cases = [
        (
            "branch?repo=acme/other&branch=main",
            404,
            "not a repository that is watched",
        ),
        (
            "branch?repo=hub.test/acme/shop&branch=other",
            404,
            "the forge is being asked",
        ),
        (
            "pr?repo=hub.test/acme/shop&pr=3",
            409,
            "nobody has approved",
        ),
        ("pr?repo=hub.test/acme/shop&pr=-3", 404, "Not Found"),
    ];
    yard.hear(vec![pushed("#3", false)]).await;
    yard.until(&id("#3"), Phase::Unapproved).await;
    for (what, status, detail) in cases {
        let reply = trigger(what).await;
        let found = reply.json()["detail"].as_str().unwrap().to_owned();
        assert_eq!(reply.status, status, "{what}: {found}");
        assert!(found.contains(detail), "{what}: {found}");
    }
    let marked = yard.marked.lock().unwrap().clone();
    assert_eq!(
        marked, ["hub.test/acme/shop"; 3],
        "who is asked about is listed again"
    );
}

#[tokio::test]
async fn passwords_do_what_tokens_do_and_no_more() {
    let yard = full().await;
    let main = format!("/api/v1/builds/{}", id("main"));
    let cases: [(Method, &str, &[&str], u16); 9] = [
        (Method::POST, "/stop", &[], 401),
        (Method::POST, "/reset", &[], 401),
        (
            Method::POST,
            "/stop",
            &["authorization: Bearer operate-token"],
            200,
        ),
        (
            Method::POST,
            "/stop",
            &["authorization: Bearer use-token"],
            403,
        ),
        (
            Method::POST,
            "/stop",
            &[OPERATE, "sec-fetch-site: cross-site"],
            403,
        ),
        (
            Method::POST,
            "/stop",
            &[OPERATE, "sec-fetch-site: same-origin"],
            200,
        ),
        (Method::POST, "/stop", &["authorization: Basic !"], 401),
        (
            Method::GET,
            "",
            &["authorization: Basic b3BlcmF0ZTpndWVzcw=="],
            401,
        ),
        (Method::GET, "", &[OPERATE], 200),
    ];
    for (method, what, headers, expected) in cases {
        let reply = yard
            .ask(method, HOST, &format!("{main}{what}"), headers, "")
            .await;
        assert_eq!(reply.status, expected, "{what} {headers:?}: {}", reply.text);
    }
    // Only where runboat's clients ask: elsewhere a browser could be made to send what it remembers.
    assert_eq!(
        yard.own("/api/environments", &[OPERATE]).await.json()["total"],
        5
    );
    let own = format!("/api/environments/{}/pin", id("main"));
    assert_eq!(yard.post(&own, &[OPERATE]).await.status, 401);
    let all = async |who| {
        yard.ask(Method::DELETE, HOST, "/api/v1/builds", &[who], "")
            .await
    };
    let refused = all(OPERATE).await;
    assert_eq!(refused.status, 403, "{}", refused.text);
    assert!(yard.get(&id("main")).unwrap().leaving.is_none());
    assert_eq!(all(ADMIN).await.text, "null");
    for name in NAMES {
        yard.until(&id(name), Phase::Undeployed).await;
    }
    for path in ["/builds?repo=a%26b/c&branch=x", "/builds/nothing"] {
        let reply = yard.own(path, &[]).await;
        assert_eq!(
            reply.header("location"),
            if reply.status == 307 {
                "/?repository=a%26b%2Fc&branch=x"
            } else {
                ""
            }
        );
    }
}

/// Longer than what is read at once.
#[tokio::test]
async fn a_long_log_is_one_page() {
    let yard = full().await;
    let line = "q".repeat(1000);
    yard.logs.append(&id("main"), Part::Run, "\u{1b}[31mfirst");
    for _ in 0..300 {
        yard.logs.append(&id("main"), Part::Run, &line);
    }
    let path = format!("/api/v1/builds/{}/log", id("main"));
    let page = yard.own(&path, &[]).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let (begin, end) = (
        "<pre>\n<span style=\"color:#a00;\">first\n",
        "q\n</span></pre>\n</body>\n</html>\n",
    );
    assert!(page.text.contains(begin) && page.text.ends_with(end));
    assert_eq!(page.text.matches(&format!("{line}\n")).count(), 300);
    assert_eq!(page.text.matches("<span").count(), 1);
}
