//! Who may what: every route for everybody, and what other sites' pages may not.

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boatyard_preview::config::Anonymous;
use boatyard_preview::phase::Phase;
use boatyard_serve::web::{API, DOCUMENT, PAGES, RUNBOAT, RUNBOAT_DOCUMENT};

use super::yard::{HOST, Yard, head, host, id, revision};

const HOLDERS: [Option<&str>; 7] = [
    None,
    Some("wrong"),
    Some("read"),
    Some("use"),
    Some("operate"),
    Some("admin"),
    Some("blog"),
];

/// Who may remove a snapshot removes his own, or would.
const OPERATORS: [&str; 3] = ["operate", "admin", "blog"];

fn bearer(holder: &str) -> String {
    format!("authorization: Bearer {holder}-token")
}

/// What a route answers to each holder, as one letter: may, unknown, forbidden, not there.
#[tokio::test]
async fn every_route_for_every_holder() {
    let mut lines = Vec::new();
    for anonymous in [Anonymous::View, Anonymous::None] {
        let yard = Yard::with(|settings, _| settings.access.anonymous = anonymous).await;
        yard.asleep(&["main"]).await;
        for name in OPERATORS {
            yard.snapshot("main", name).await;
        }
        for route in API.iter().filter(|route| !route.path.ends_with("/events")) {
            let mut line = format!("{anonymous:?} {} {}", route.method, route.path);
            for holder in HOLDERS {
                let mut path = route.path.replace("{id}", id("shop", "main").as_str());
                path = path.replace("{name}", holder.unwrap_or("s1"));
                if path.ends_with("/approve") {
                    path = format!("{path}?commit={}", revision("shop", "main").commit);
                }
                let headers: Vec<String> = holder.map(bearer).into_iter().collect();
                let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
                let method = route.method.parse::<Method>().unwrap();
                let reply = yard.ask(method, HOST, &path, &headers, "").await;
                line.push_str(match reply.status.as_u16() {
                    // What cannot happen now could at another time.
                    200 | 409 => " may",
                    401 => " who?",
                    403 => " no",
                    404 => " 404",
                    other => panic!("{line} {holder:?}: {other} {}", reply.text),
                });
            }
            lines.push(line);
            yard.hear(vec![head("shop", "main")]).await;
        }
    }
    let expected = include_str!("access.txt");
    assert_eq!(
        lines.join("\n"),
        expected.trim_end(),
        "the columns: {HOLDERS:?}"
    );
}

#[tokio::test]
async fn what_nobody_may_see_is_not_there() {
    let yard = Yard::new().await;
    yard.asleep(&["main"]).await;
    let blog = bearer("blog");
    let list = yard.own("/api/environments", &[&blog]).await.json();
    assert_eq!(list["total"], 0);
    let path = format!("/environments/{}", id("shop", "main"));
    let page = yard.own(&path, &[&blog]).await;
    assert_eq!(page.status, 404);
    assert!(!page.text.contains("All about"), "{}", page.text);
    yard.own("/api/audit", &[&blog])
        .await
        .is_problem(403, "some repositories");
    assert_eq!(yard.own("/audit", &[&blog]).await.status, 403);
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let yard = Yard::new().await;
    yard.asleep(&["main"]).await;
    let path = format!("/environments/{}/pin", id("shop", "main"));
    let cookie = "cookie: boatyard=operate-token";
    let evil = format!("origin: http://{}", host("shop", "main"));
    let own = format!("origin: http://{HOST}");
    let cases: [(&[&str], u16); 6] = [
        (&[cookie, "sec-fetch-site: cross-site"], 403),
        (&[cookie, "sec-fetch-site: same-site"], 403),
        (&[cookie, &evil], 403),
        (&[cookie, "origin: null"], 403),
        (&[cookie, &own], 303),
        (&[cookie, "sec-fetch-site: same-origin"], 303),
    ];
    for (headers, expected) in cases {
        let reply = yard.post(&path, headers).await;
        assert_eq!(reply.status, expected, "{headers:?}: {}", reply.text);
        assert_eq!(
            yard.get(&id("shop", "main")).unwrap().is_pinned,
            expected == 303,
            "{headers:?}"
        );
    }
    // Nobody's page can send this header.
    let path = format!("/api/environments/{}/unpin", id("shop", "main"));
    let reply = yard
        .post(&path, &[&bearer("operate"), "sec-fetch-site: cross-site"])
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

#[tokio::test]
async fn who_is_not_known_may_not_start_without_end() {
    let yard = Yard::with(|settings, _| settings.visitors.per_minute = 2).await;
    yard.asleep(&["main"]).await;
    let path = format!("/api/environments/{}/start", id("shop", "main"));
    for expected in [200, 200, 429] {
        assert_eq!(yard.post(&path, &[]).await.status, expected);
    }
    let known = bearer("use");
    assert_eq!(yard.post(&path, &[&known]).await.status, 200);
    let entered = show(&yard, "form", "use-token").await;
    assert_eq!(entered, 303, "whoever is asked to log in may");
}

const WAYS: [&str; 4] = ["bearer", "cookie", "password", "form"];

/// The status of the answer to who shows a token in that way.
async fn show(yard: &Yard, way: &str, token: &str) -> u16 {
    let reply = match way {
        "bearer" => {
            let header = format!("authorization: Bearer {token}");
            yard.own("/api/queue", &[&header]).await
        }
        "cookie" => {
            let header = format!("cookie: boatyard={token}");
            yard.own("/api/queue", &[&header]).await
        }
        "password" => {
            let encoded = STANDARD.encode(format!("operate:{token}"));
            let header = format!("authorization: Basic {encoded}");
            yard.own("/api/v1/status", &[&header]).await
        }
        _ => {
            let form = ["content-type: application/x-www-form-urlencoded"];
            let body = format!("token={token}");
            yard.ask(Method::POST, HOST, "/login", &form, &body).await
        }
    };
    reply.status.as_u16()
}

/// Who has guessed too often is not told any more what is right, whichever way he asks; who guesses nothing is not counted.
#[tokio::test]
async fn guesses_are_counted_whichever_way_they_come() {
    for way in WAYS {
        let yard = Yard::with(|settings, _| settings.visitors.per_minute = 1).await;
        let fine = if way == "form" { 303 } else { 200 };
        for _ in 0..3 {
            assert_eq!(show(&yard, way, "operate-token").await, fine, "{way}");
        }
        for expected in [401, 429, 429] {
            assert_eq!(show(&yard, way, "guess").await, expected, "{way}");
        }
        for other in WAYS {
            let told = show(&yard, other, "operate-token").await;
            assert_eq!(told, 429, "{other} after {way}");
        }
    }
}

#[tokio::test]
async fn who_has_logged_in_guesses_nothing() {
    let yard = Yard::with(|settings, _| settings.visitors.per_minute = 1).await;
    let settings = yard.site.settings();
    let log_in = |name: &str| {
        let grants = settings.access.tokens.clone();
        settings.sessions.open(name.to_owned(), grants).unwrap()
    };
    let (anne, bob) = (log_in("anne"), log_in("bob"));
    settings.sessions.close(&bob);
    // Pages are looked at after a session has ended, too.
    for _ in 0..3 {
        assert_eq!(show(&yard, "cookie", &bob).await, 401);
    }
    for expected in [401, 429] {
        assert_eq!(show(&yard, "bearer", &anne).await, expected, "no token");
    }
    for (word, expected) in [(&anne, 200), (&bob, 401)] {
        assert_eq!(show(&yard, "cookie", word).await, expected);
    }
}

/// Behind a reverse proxy each visitor counts by himself, if the proxy is believed; nobody makes himself another one.
#[tokio::test]
async fn behind_a_proxy_each_visitor_counts() {
    for (proxies, second) in [
        (vec!["127.0.0.0/8"], 200),
        (vec!["10.0.0.1"], 429),
        (vec![], 429),
    ] {
        let yard = Yard::with(|settings, _| {
            settings.visitors.per_minute = 1;
            let networks = proxies.iter().map(|one| one.parse().unwrap());
            settings.visitors.proxies = networks.collect();
        })
        .await;
        yard.asleep(&["main"]).await;
        let path = format!("/api/environments/{}/start", id("shop", "main"));
        let asked = [
            ("x-forwarded-for: 192.0.2.1", 200),
            ("x-forwarded-for: 192.0.2.2", second),
            ("x-forwarded-for: 192.0.2.9, 192.0.2.1", 429),
        ];
        for (from, expected) in asked {
            let status = yard.post(&path, &[from]).await.status;
            assert_eq!(status, expected, "{from} through {proxies:?}");
        }
    }
}

#[tokio::test]
async fn names_that_are_not_ours_show_nothing() {
    let yard = Yard::new().await;
    for host in ["evil.test", "previews.test.evil.test", "xpreviews.test"] {
        let reply = yard
            .ask(Method::GET, host, "/api/environments", &[], "")
            .await;
        reply.is_problem(421, "not a host");
        assert_eq!(
            yard.ask(Method::GET, host, "/healthz", &[], "")
                .await
                .status,
            200
        );
    }
    let by_address = yard.address.to_string();
    assert_eq!(
        yard.ask(Method::GET, &by_address, "/", &[], "")
            .await
            .status,
        200
    );
}

/// The documents have every route, and every route is in one.
#[test]
fn the_documents_and_the_routes_are_the_same() {
    for (document, routes) in [(DOCUMENT, API), (RUNBOAT_DOCUMENT, RUNBOAT)] {
        let document: serde_json::Value = serde_json::from_str(document).unwrap();
        let mut described = Vec::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let scope = operation["x-scope"].as_str().unwrap();
                described.push(format!("{} {path} {scope}", method.to_uppercase()));
            }
        }
        let scope =
            |route: &boatyard_serve::web::Route| format!("{:?}", route.scope).to_lowercase();
        let mut there: Vec<String> = routes
            .iter()
            .map(|route| format!("{} {} {}", route.method, route.path, scope(route)))
            .collect();
        described.sort();
        there.sort();
        assert_eq!(described, there);
    }
    assert!(PAGES.iter().all(|route| !route.path.starts_with("/api/")));
    let document: serde_json::Value = serde_json::from_str(DOCUMENT).unwrap();
    let phases = &document["components"]["schemas"]["Phase"]["enum"];
    assert_eq!(*phases, serde_json::to_value(Phase::ALL).unwrap());
}
