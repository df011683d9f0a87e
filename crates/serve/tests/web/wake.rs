//! What is asked of environments that sleep.

use std::time::Duration;

use axum::http::Method;
use boatyard_preview::config::Anonymous;
use boatyard_preview::phase::{Effect, Event, Phase};

use super::yard::{LIMIT, Yard, host, id};

const HTML: &str = "accept: text/html,*/*";

#[tokio::test]
async fn a_browser_sees_how_far_it_is() {
    let yard = Yard::new().await;
    yard.asleep(&["main"]).await;
    yard.backend.hold(Effect::Start);
    let page = yard.shown("main", "/deep/link?x=1", &[HTML]).await;
    assert_eq!(page.status, 503);
    assert_eq!(page.header("retry-after"), "3");
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(
        page.header("content-security-policy")
            .contains("default-src 'none'")
    );
    assert!(!page.header("content-security-policy").contains("unsafe"));
    yard.until(&id("shop", "main"), Phase::Starting).await;
    let page = yard.shown("main", "/deep/link?x=1", &[HTML]).await;
    for expected in [
        "starting",
        "It starts, and does not answer yet.",
        "http-equiv=\"refresh\"",
        "/.boatyard/wait.js",
    ] {
        assert!(page.text.contains(expected), "{expected} in {}", page.text);
    }
    for (name, kind) in [("style.css", "text/css"), ("wait.js", "text/javascript")] {
        let asset = yard.shown("main", &format!("/.boatyard/{name}"), &[]).await;
        assert_eq!(
            (asset.status.as_u16(), asset.header("content-type")),
            (200, kind)
        );
    }
    assert_eq!(
        yard.shown("main", "/.boatyard/other", &[]).await.status,
        404
    );
    yard.backend.release();
    yard.until(&id("shop", "main"), Phase::Running).await;
    assert_eq!(
        yard.shown("main", "/deep/link?x=1", &[HTML]).await.status,
        418
    );
}

#[tokio::test]
async fn a_program_waits_until_it_runs() {
    let yard = Yard::new().await;
    yard.asleep(&["main"]).await;
    yard.backend.hold(Effect::Start);
    let host = host("shop", "main");
    let program = yard.ask(Method::POST, &host, "/orders", &[], "an order");
    let release = async {
        yard.until(&id("shop", "main"), Phase::Starting).await;
        yard.backend.release();
    };
    let (reply, ()) = tokio::join!(program, release);
    assert_eq!(reply.status, 418, "{}", reply.text);
    assert_eq!(reply.json()["bytes"], 8, "its body was kept");
    // A server that has just begun again knows that it runs before anybody knows where.
    let addresses = yard.backend.forget_addresses();
    let program = yard.shown("main", "/", &[]);
    let (reply, ()) = tokio::join!(program, async {
        tokio::task::yield_now().await;
        yard.backend.set_addresses(addresses);
    });
    assert_eq!(reply.status, 418);
}

#[tokio::test]
async fn robots_and_probes_wake_nothing() {
    let yard = Yard::new().await;
    yard.asleep(&["main"]).await;
    let cases: [(Method, &[&str]); 4] = [
        (
            Method::GET,
            &[HTML, "user-agent: Mozilla/5.0 (compatible; bingbot/2.0)"],
        ),
        (Method::GET, &["user-agent: kube-probe/1.33"]),
        (Method::HEAD, &[]),
        (Method::GET, &[HTML, "sec-purpose: prefetch"]),
    ];
    for (method, headers) in cases {
        let reply = yard
            .ask(method.clone(), &host("shop", "main"), "/", headers, "")
            .await;
        assert_eq!(reply.status, 503, "{method} {headers:?}");
        assert!(!reply.header("retry-after").is_empty());
    }
    let main = yard.get(&id("shop", "main")).unwrap();
    assert_eq!((main.phase, main.asked), (Phase::Asleep, None));
}

#[tokio::test]
async fn not_everybody_may_wake_everything() {
    let yard = Yard::with(|settings, _| settings.access.anonymous = Anonymous::None).await;
    yard.asleep(&["main"]).await;
    let page = yard.shown("main", "/", &[HTML]).await;
    assert_eq!(page.status, 503);
    assert!(
        page.text.contains("visitors may not wake it"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("acme/shop"), "{}", page.text);
    yard.shown("main", "/.boatyard/events", &[])
        .await
        .is_problem(404, "no such page");
    yard.shown("main", "/", &[])
        .await
        .is_problem(503, "may not wake");
    assert_eq!(yard.get(&id("shop", "main")).unwrap().asked, None);

    let yard = Yard::with(|settings, _| settings.visitors.per_minute = 1).await;
    yard.asleep(&["main", "next"]).await;
    assert_eq!(yard.shown("main", "/", &[]).await.status, 418);
    yard.shown("next", "/", &[])
        .await
        .is_problem(429, "too many");
    assert_eq!(yard.get(&id("shop", "next")).unwrap().asked, None);
}

#[tokio::test]
async fn so_many_wait_for_so_long() {
    let yard = Yard::with(|settings, _| {
        settings.visitors.held = 1;
        settings.visitors.hold = Duration::from_secs(1);
    })
    .await;
    yard.asleep(&["main"]).await;
    yard.backend.hold(Effect::Start);
    let both = tokio::join!(yard.shown("main", "/", &[]), yard.shown("main", "/", &[]));
    let mut details = [both.0, both.1].map(|reply| {
        assert_eq!(reply.status, 503);
        reply.json()["detail"].as_str().unwrap().to_owned()
    });
    details.sort();
    assert_eq!(details, ["it does not run yet", "too many wait already"]);
}

#[tokio::test]
async fn what_fails_or_goes_while_somebody_waits_is_told() {
    let yard = Yard::new().await;
    yard.backend.hold(Effect::Prepare);
    yard.hear(vec![super::yard::head("shop", "main")]).await;
    let main = id("shop", "main");
    yard.backend.fail("no such package");
    let (reply, ()) = tokio::join!(yard.shown("main", "/", &[]), async {
        until_asked(&yard).await;
        yard.backend.release();
    });
    reply.is_problem(502, "no such package");
    let page = yard.shown("main", "/", &[HTML]).await;
    assert!(
        page.text.contains("no such package") && page.text.contains("reset it"),
        "{}",
        page.text
    );
    yard.keeper.ask(&main, Event::Remove, "anne").await.unwrap();
}

async fn until_asked(yard: &Yard) {
    let mut changed = yard.keeper.feed().follow();
    let wait = async {
        while yard
            .get(&id("shop", "main"))
            .is_none_or(|one| one.asked.is_none())
        {
            changed.changed().await.unwrap();
        }
    };
    tokio::time::timeout(LIMIT, wait)
        .await
        .expect("waited for somebody to ask for it");
}
